package dev.credence.bench.coverage;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Coverage by kind of log, for people and for programs.
 *
 * @param study what was found
 */
record KindReport(KindStudy study) {
    private static final double WANTED = 0.93;

    /** Of two standard errors of a share near .95. */
    private double error() {
        return 2 * Math.sqrt(0.95 * 0.05 / study.logs());
    }

    /** Prints two tables: the promised figures, and the others. */
    void print(Console console) {
        console.line(
                Style.BOLD,
                String.format(
                        Locale.ROOT,
                        "Per cent of the 95 %% intervals that cover, of those that stand / per cent withdrawn"
                                + " (%d logs a row, seed %d; two standard errors are %.1f points)",
                        study.logs(),
                        study.seed(),
                        100 * error()));
        table(KindStudy.FIGURES).print(console);
        console.line();
        table(KindStudy.OTHERS).print(console);
    }

    private TextTable table(List<String> ids) {
        TextTable table = new TextTable(2).words("logs", 46);
        ids.forEach(id -> table.numbers(heading(id)));
        study.samples().keySet().forEach(kind -> {
            List<String> row = new ArrayList<>();
            row.add(kind.title());
            boolean good = true;
            for (String id : ids) {
                Coverage coverage = study.of(kind, id);
                row.add(cell(coverage));
                good &= coverage.standing() == 0 || coverage.covered() >= WANTED - error();
            }
            if (row.stream().skip(1).anyMatch(cell -> !cell.equals("–"))) {
                table.row(good ? Style.PLAIN : Style.BAD, row.toArray(String[]::new));
            }
        });
        return table;
    }

    private static String heading(String id) {
        return id.replace("copies.moment_match", "copies").replace(".population", ".pop");
    }

    private static String cell(Coverage coverage) {
        if (coverage.logs() == 0) {
            return "–";
        }
        String withdrawn = String.format(Locale.ROOT, "%.0f", 100 * coverage.withdrawn());
        return coverage.standing() == 0
                ? "– / " + withdrawn
                : String.format(Locale.ROOT, "%.1f / %s", 100 * coverage.covered(), withdrawn);
    }

    /** The same, for programs. */
    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.coverage.kinds/1", provenance);
        document.put("logs", study.logs());
        Map<String, @Nullable Object> kinds = new LinkedHashMap<>();
        study.samples().keySet().forEach(kind -> {
            Map<String, @Nullable Object> figures = new LinkedHashMap<>();
            KindStudy.FIGURES.forEach(id -> figures.put(id, CoverageReport.fields(study.of(kind, id))));
            KindStudy.OTHERS.forEach(id -> figures.put(id, CoverageReport.fields(study.of(kind, id))));
            kinds.put(kind.title(), figures);
        });
        document.put("kinds", kinds);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
