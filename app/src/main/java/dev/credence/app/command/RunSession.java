package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.CommonOptions;
import dev.credence.app.view.ExperimentPages;
import dev.credence.app.view.ExperimentText;
import dev.credence.core.figures.Picture;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.KeptExperiments;
import dev.credence.report.PictureSvg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** What `run` and `resume` have in common: each experiment's page and text, and the page of all where they are several. */
final class RunSession {
    private final Console console;
    private final CommonOptions common;
    private final Consumer<String> report;

    RunSession(Console console, CommonOptions common, Consumer<String> report) {
        this.console = console;
        this.common = common;
        this.report = report;
    }

    /** Goes on from where they stand. */
    int go(KeptExperiments experiments) throws IOException {
        List<ExperimentRun> runs = experiments.go(report::accept, this::take);
        if (!experiments.isSingle()) {
            Path page = experiments.run().path().resolve("report.html");
            ExperimentPages.write(page, ExperimentPages.title(runs), runs);
            report.accept("wrote " + page);
        }
        experiments.run().finish(out -> Json.write(ExperimentPages.document(runs), out));
        return end(runs);
    }

    /** Writes and prints one that was run. */
    private void take(ExperimentRun run, Path folder) throws IOException {
        Path page = folder.resolve("report.html");
        ExperimentPages.write(page, ExperimentPages.title(List.of(run)), List.of(run));
        for (Picture picture : run.result().pictures()) {
            byte[] svg = PictureSvg.of(picture).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(folder.resolve(picture.id() + ".svg"), out -> out.write(svg));
        }
        if (!common.json().takesStandardOutput()) {
            new ExperimentText(console).print(run);
        }
        report.accept("wrote " + page);
    }

    /** The document for programs, and the exit code. */
    private int end(List<ExperimentRun> runs) throws IOException {
        common.json().write(console, out -> Json.write(ExperimentPages.document(runs), out));
        return runs.stream().allMatch(run -> run.result().isMet()) ? ExitCode.DONE : ExitCode.THRESHOLD;
    }
}
