package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.CommonOptions;
import dev.credence.app.view.ExperimentPages;
import dev.credence.app.view.ExperimentText;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.CellRunner;
import dev.credence.lab.experiments.KeptSweep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What `sweep` and `resume` have in common: the cells are run, and what is seen over them is written and printed. */
final class SweepSession {
    private final Console console;
    private final CommonOptions common;
    private final Consumer<String> report;

    SweepSession(Console console, CommonOptions common, Consumer<String> report) {
        this.console = console;
        this.common = common;
        this.report = report;
    }

    /** Goes on from where it stands, with so many cells at a time, or 0 for as many as suit the machine. */
    int go(KeptSweep sweep, int parallel) throws IOException {
        int suits = sweep.trains() ? 1 : Runtime.getRuntime().availableProcessors();
        return go(sweep, parallel > 0 ? parallel : suits, CellRunner.HERE);
    }

    /** The same with cells that are run elsewhere. */
    int go(KeptSweep sweep, int parallel, CellRunner runner) throws IOException {
        KeptSweep.Outcome outcome = sweep.go(parallel, runner, report::accept);
        Path page = sweep.run().path().resolve("report.html");
        ExperimentPages.write(page, outcome);
        if (!common.json().takesStandardOutput()) {
            new ExperimentText(console).print(outcome);
        }
        report.accept("wrote " + page);
        common.json().write(console, out -> Json.write(outcome.document(), out));
        long failed = outcome.summary().failed();
        if (failed > 0) {
            console.report("credence: " + failed + " of " + outcome.cells().size() + " cells failed; `credence resume "
                    + ShellWord.of(sweep.run().path().toString()) + "` runs them again");
            return ExitCode.FAILED;
        }
        return ExitCode.DONE;
    }
}
