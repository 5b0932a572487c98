package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.options.CommonOptions;
import dev.credence.core.figures.FigureFormat;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Adapter;
import dev.credence.lab.training.CorpusRun;
import dev.credence.lab.training.TrainingOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What `train` and `resume` have in common: what is said of the result. */
final class TrainingSession {
    private final Console console;
    private final CommonOptions common;

    TrainingSession(Console console, CommonOptions common) {
        this.console = console;
        this.common = common;
    }

    /** Goes on with a run from where it stands. */
    int go(StoredRun run, CorpusRun training) throws IOException {
        TrainingOutcome outcome = training.go();
        common.json().write(console, out -> Files.copy(run.result(), out));
        if (!common.json().takesStandardOutput()) {
            print(run, outcome);
        }
        return ExitCode.DONE;
    }

    private void print(StoredRun run, TrainingOutcome outcome) {
        Path folder = run.path().toAbsolutePath().normalize();
        String from = run.asked().provenance().settings().get("from");
        console.line(
                Style.BOLD,
                Adapter.isAdapter(folder)
                        ? "The adapter is in " + folder + "; the model is " + from + "+" + folder
                        : "The model is in " + folder);
        console.line(String.format(
                "  %,d steps, %,d parameters%s",
                outcome.steps(),
                outcome.parameters(),
                outcome.stepsHere() == 0
                        ? ""
                        : String.format(", %.3f s a step", outcome.seconds() / outcome.stepsHere())));
        print("loss on training documents", outcome.measured());
        print("loss on held-out documents", outcome.validation());
        console.line("  credence report " + run.path() + " shows the losses");
    }

    private void print(String what, TrainingOutcome.@Nullable Loss loss) {
        if (loss != null) {
            console.line(String.format(
                    "  %s: %s nats a token (%,d tokens)", what, FigureFormat.exact(loss.value()), loss.tokens()));
        }
    }
}
