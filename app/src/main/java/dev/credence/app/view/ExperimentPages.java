package dev.credence.app.view;

import dev.credence.app.options.OutputFile;
import dev.credence.core.figures.DataTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.KeptSweep;
import dev.credence.lab.experiments.KeyFigure;
import dev.credence.lab.rewards.RewardEvaluation;
import dev.credence.lab.runs.RunMachine;
import dev.credence.report.ExperimentPage;
import dev.credence.report.ReportDocument;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Experiments as a page, and as one document for programs. */
public final class ExperimentPages {
    private static final String FIGURES = "figures.json";

    private ExperimentPages() {}

    /**
     * The figures of the experiments in a run's folder: its own, or those of the folders below.
     *
     * @param folder any
     * @return none where it has none
     * @throws IOException if the folder cannot be read
     */
    public static List<Path> figures(Path folder) throws IOException {
        Path own = folder.resolve(FIGURES);
        if (Files.isRegularFile(own)) {
            return List.of(own);
        }
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> below = Files.list(folder)) {
            return below.sorted()
                    .map(each -> each.resolve(FIGURES))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    /**
     * The heading of a page of experiments.
     *
     * @param runs at least one
     * @return the question of one, else a title
     */
    public static String title(List<ExperimentRun> runs) {
        return runs.size() == 1 ? runs.get(0).experiment().question() : "Conditioning by training: experiments";
    }

    /**
     * What each run's page is called: its experiment, and of one that was run before what is different.
     *
     * @param runs any
     * @return as many names, each once
     */
    public static List<String> names(List<ExperimentRun> runs) {
        Set<String> names = new LinkedHashSet<>();
        for (ExperimentRun run : runs) {
            String name = run.experiment().name();
            boolean trained = run.settings().declares("transformer")
                    && run.settings().text("transformer").equals("yes");
            if (!names.add(name) && !(trained && names.add(name + "-transformers"))) {
                int count = 2;
                while (!names.add(name + "-" + count)) {
                    count++;
                }
            }
        }
        return List.copyOf(names);
    }

    /** {@return this machine, in words} */
    public static String machine() {
        Map<String, String> machine = RunMachine.now();
        return machine.get("processors") + " processors, " + machine.get("os") + ", Java " + machine.get("java");
    }

    /**
     * One experiment's own document; of several, each under its name.
     *
     * @param runs at least one
     * @return for JSON
     */
    public static Map<String, @Nullable Object> document(List<ExperimentRun> runs) {
        if (runs.size() == 1) {
            return runs.get(0).document();
        }
        Provenance provenance = runs.get(0).provenance();
        Map<String, @Nullable Object> document = Json.document("credence.run-set/1", provenance);
        Map<String, @Nullable Object> experiments = new LinkedHashMap<>();
        List<String> names = names(runs);
        IntStream.range(0, runs.size())
                .forEach(i -> experiments.put(names.get(i), runs.get(i).document()));
        document.put("experiments", experiments);
        return document;
    }

    /**
     * Writes the page.
     *
     * @param file the page
     * @param title of it
     * @param runs at least one
     * @throws IOException if writing fails; an older page then stays
     */
    public static void write(Path file, String title, List<ExperimentRun> runs) throws IOException {
        List<String> names = names(runs);
        List<ExperimentPage.Shown> shown = IntStream.range(0, runs.size())
                .mapToObj(i -> shown(names.get(i), runs.get(i)))
                .toList();
        write(
                file,
                title,
                document(runs),
                runs.get(0).provenance(),
                shown,
                runs.size() > 1 ? KeyFigure.table(runs) : null);
    }

    /**
     * Writes the page of a sweep.
     *
     * @param file the page
     * @param sweep what came of it
     * @throws IOException if writing fails; an older page then stays
     */
    public static void write(Path file, KeptSweep.Outcome sweep) throws IOException {
        String experiment = sweep.plan().experiment().name();
        DataTable table = sweep.summary().table();
        ExperimentPage.Shown shown = new ExperimentPage.Shown(
                experiment,
                sweep.plan().experiment().question(),
                sweep.summary().conclusion(),
                Map.of(),
                sweep.summary().pictures(),
                Map.of("cells", table),
                Map.of("cells", ExperimentRun.csv(table)),
                "Cells have the seed in common unless it varies: what is by chance in one is by the same chance in the others."
                        + " Every figure of every cell is in cells.parquet beside this page.",
                sweep.provenance().settings(),
                List.of(experiment));
        write(file, "Sweep of " + experiment, sweep.document(), sweep.provenance(), List.of(shown), null);
    }

    /**
     * Writes the page of a reward model.
     *
     * @param file the page
     * @param evaluation what it foretells
     * @param document the same for programs
     * @param provenance of it
     * @throws IOException if writing fails; an older page then stays
     */
    public static void write(
            Path file, RewardEvaluation evaluation, Map<String, @Nullable Object> document, Provenance provenance)
            throws IOException {
        DataTable table = evaluation.table();
        ExperimentPage.Shown shown = new ExperimentPage.Shown(
                "reward",
                "What do a reward model's scores foretell of judgements that it has not seen?",
                evaluation.conclusion(),
                evaluation.findings(),
                List.of(evaluation.picture()),
                Map.of("reliability", table),
                Map.of("reliability", ExperimentRun.csv(table)),
                evaluation.cannotShow(),
                provenance.settings(),
                List.of("rlhf", "over-optimisation"));
        write(file, "Reward model", document, provenance, List.of(shown), null);
    }

    private static void write(
            Path file,
            String title,
            Map<String, @Nullable Object> document,
            Provenance provenance,
            List<ExperimentPage.Shown> shown,
            @Nullable DataTable summary)
            throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Json.write(document, json);
        ReportDocument page =
                new ReportDocument(title, null, List.of(), provenance, json.toString(StandardCharsets.UTF_8));
        OutputFile.write(file, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            ExperimentPage.write(page, shown, summary, writer);
            writer.flush();
        });
    }

    /**
     * A run as a page shows it.
     *
     * @param page what it is called there
     * @param run the run
     * @return conclusion, drawings, tables
     */
    public static ExperimentPage.Shown shown(String page, ExperimentRun run) {
        Map<String, String> csv = new LinkedHashMap<>();
        run.result().tables().forEach((name, table) -> csv.put(name, ExperimentRun.csv(table)));
        return new ExperimentPage.Shown(
                page,
                run.experiment().question(),
                run.result().conclusion(),
                run.result().findings(),
                run.result().pictures(),
                run.result().tables(),
                csv,
                run.result().cannotShow(),
                run.settings().written(),
                run.experiment().related());
    }
}
