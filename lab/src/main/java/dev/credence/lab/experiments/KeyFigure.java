package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A figure that an experiment's claim stands on, beside what theory says of it and what transformers show.
 *
 * @param what it is, in words
 * @param figure id of the world's finding; where there is none, the transformer's stands alone
 * @param theory what theory says, in words or a formula
 * @param expected id of the finding that is theory's value; empty where the words say it all
 * @param transformer id of the transformer's figure; empty for none
 */
public record KeyFigure(String what, String figure, String theory, String expected, String transformer) {
    /**
     * A figure.
     *
     * @param what it is, in words
     * @param figure id of the finding
     * @param theory what theory says
     * @return with neither theory's finding nor a transformer's
     */
    public static KeyFigure of(String what, String figure, String theory) {
        return new KeyFigure(what, figure, theory, "", "");
    }

    /**
     * The same, theory's value a finding too.
     *
     * @param id of that finding
     * @return the figure
     */
    public KeyFigure expecting(String id) {
        return new KeyFigure(what, figure, theory, id, transformer);
    }

    /**
     * The same, with a transformer's figure.
     *
     * @param id of its finding
     * @return the figure
     */
    public KeyFigure onTransformers(String id) {
        return new KeyFigure(what, figure, theory, expected, id);
    }

    /**
     * Key figures side by side. Of an experiment that was run several times each figure is the first run's that has it, so that
     * transformers may have been trained in another run than the world's.
     *
     * @param runs experiments that were run
     * @return a row for each key figure that stands, without a column for transformers where none was trained; without rows where
     *     there is none
     */
    public static DataTable table(List<ExperimentRun> runs) {
        DataTable.Builder table = DataTable.of(
                "Key figures, what theory says of them, and what transformers show",
                "experiment",
                "key figure",
                "found",
                "theory",
                "on transformers");
        Map<String, Map<String, Finding>> all = new LinkedHashMap<>();
        for (ExperimentRun run : runs) {
            Map<String, Finding> known = all.computeIfAbsent(run.experiment().name(), name -> new LinkedHashMap<>());
            run.result().findings().forEach((id, finding) -> {
                if (finding.stands()) {
                    known.putIfAbsent(id, finding);
                }
            });
        }
        Set<String> told = new HashSet<>();
        for (ExperimentRun run : runs) {
            if (!told.add(run.experiment().name())) {
                continue;
            }
            Map<String, Finding> findings = all.getOrDefault(run.experiment().name(), Map.of());
            for (KeyFigure key : run.experiment().keyFigures(run.settings())) {
                Finding found = findings.get(key.figure);
                Finding trained = findings.get(key.transformer);
                if (found != null || trained != null) {
                    Finding expected = findings.get(key.expected);
                    table.row(
                            run.experiment().name(),
                            key.what,
                            words(found),
                            expected == null ? key.theory : key.theory + ": " + FigureFormat.of(expected.estimate()),
                            words(trained));
                }
            }
        }
        DataTable whole = table.build();
        int last = whole.columns().size() - 1;
        return whole.rows().stream().anyMatch(row -> row.get(last) != null)
                ? whole
                : new DataTable(
                        "Key figures, and what theory says of them",
                        whole.columns().subList(0, last),
                        whole.rows().stream().map(row -> row.subList(0, last)).toList());
    }

    private static @Nullable String words(@Nullable Finding finding) {
        if (finding == null) {
            return null;
        }
        return SeedInterval.words(finding);
    }
}
