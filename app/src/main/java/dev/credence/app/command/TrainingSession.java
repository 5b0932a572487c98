package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.training.TrainingOutcome;
import dev.credence.app.training.TrainingRun;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.json.Json;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What `train` and `resume` have in common: the steps, the result, what is said of it. */
final class TrainingSession {
    private final Console console;
    private final CommonOptions common;
    private final Consumer<String> report;

    TrainingSession(Console console, CommonOptions common, Consumer<String> report) {
        this.console = console;
        this.common = common;
        this.report = report;
    }

    /** Goes on with a run from where it stands. */
    int go(StoredRun run, Corpus corpus) throws IOException {
        TrainingOutcome outcome = steps(run, corpus);
        Map<String, @Nullable Object> document = document(run, outcome);
        run.finish(out -> Json.write(document, out));
        common.json().write(console, out -> Json.write(document, out));
        if (!common.json().takesStandardOutput()) {
            print(run, outcome);
        }
        return ExitCode.DONE;
    }

    /** What may decide about bits beside the inputs. */
    static Map<String, String> machine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("java", Runtime.version().toString());
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return machine;
    }

    private TrainingOutcome steps(StoredRun run, Corpus corpus) throws IOException {
        try {
            return new TrainingRun(run, corpus, report).go();
        } catch (InputException e) {
            if (run.checkpoints().last().isEmpty()) {
                run.discard(); // it never began, and its name is free again
            }
            throw e;
        } catch (IOException e) {
            OptionalLong last = run.checkpoints().last();
            String kept = last.isPresent()
                    ? "the checkpoint of step " + last.getAsLong() + " is kept"
                    : "there was no checkpoint yet";
            String cause = String.valueOf(e.getMessage());
            throw new IOException(cause + "; " + kept + ": `credence resume " + run.path() + "` goes on from there", e);
        }
    }

    private static Map<String, @Nullable Object> document(StoredRun run, TrainingOutcome outcome) {
        Provenance provenance = run.asked().provenance();
        Map<String, @Nullable Object> document = Json.document("credence.train/1", provenance);
        document.put("run", run.path().toString());
        document.putAll(outcome.figures());
        Map<String, @Nullable Object> made = new LinkedHashMap<>(Json.provenance(provenance));
        made.put("started", run.asked().started());
        made.put("machine", run.asked().machine());
        document.put("provenance", made);
        return document;
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
            console.line(String.format("  %s: %.4f nats a token (%,d tokens)", what, loss.value(), loss.tokens()));
        }
    }
}
