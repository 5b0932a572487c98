package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.RunFolder;
import dev.credence.app.view.RunFacts;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists runs. */
@Command(
        name = "runs",
        header = "The runs that are there, and where they stand.",
        description = {"", "A run that is not done goes on with `credence resume RUN`.", ""},
        footer = {"", "Examples:", "  credence runs", "  credence runs /data/runs --json"})
public final class RunsCommand extends Subcommand {
    private static final int WIDEST = 30;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "Where they are (default ${DEFAULT-VALUE}).")
    private String folder = "runs";

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public RunsCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        Path parent = Path.of(folder);
        if (!folder.equals(RunFolder.RUNS.toString()) && !Files.isDirectory(parent)) {
            throw new InputException(folder, 0, "", "no such folder", "it holds the folders of runs");
        }
        List<Map<String, @Nullable Object>> facts = new ArrayList<>();
        for (StoredRun run : StoredRun.in(parent)) {
            facts.add(RunFacts.of(run));
        }
        if (printsText()) {
            print(facts);
        }
        Map<String, @Nullable Object> document = Json.document("credence.runs/1", provenance(Map.of(), List.of()));
        document.put("runs", facts);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private void print(List<Map<String, @Nullable Object>> facts) {
        if (facts.isEmpty()) {
            console().line("no runs in " + folder);
            return;
        }
        boolean isElsewhere = !folder.equals(RunFolder.RUNS.toString());
        if (isElsewhere) {
            console().line(Style.BOLD, "in " + folder);
        }
        TextTable table = new TextTable(0)
                .texts("run", WIDEST)
                .words("kind", 10)
                .words("status", 10)
                .numbers("step")
                .numbers("of")
                .numbers("checkpoint")
                .numbers("loss")
                .numbers("held out")
                .numbers("reward")
                .numbers("KL");
        for (Map<String, @Nullable Object> run : facts) {
            String path = shown(run.get("run"));
            String name =
                    isElsewhere ? Path.of(folder).relativize(Path.of(path)).toString() : path;
            table.row(
                    Style.PLAIN,
                    name,
                    shown(run.get("kind")),
                    shown(run.get("status")),
                    shown(run.get("step")),
                    shown(run.get("steps")),
                    shown(run.get("checkpoint")),
                    shown(run.get("loss")),
                    shown(run.get("validation_loss")),
                    shown(run.get("reward")),
                    shown(run.get("kl")));
            if (name.length() > WIDEST) {
                table.note(path); // what the column cuts
            }
        }
        table.print(console());
    }

    private static String shown(@Nullable Object value) {
        return value instanceof Double number
                ? FigureFormat.exact(number)
                : Objects.requireNonNullElse(value, "–").toString();
    }
}
