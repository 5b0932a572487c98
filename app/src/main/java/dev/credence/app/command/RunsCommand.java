package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.RunFolder;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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
            facts.add(facts(run));
        }
        if (printsText()) {
            print(facts);
        }
        Map<String, @Nullable Object> document = Json.document("credence.runs/1", provenance(Map.of(), List.of()));
        document.put("runs", facts);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private static Map<String, @Nullable Object> facts(StoredRun run) throws IOException {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("run", run.path().toString());
        facts.put("kind", run.asked().kind());
        facts.put("started", run.asked().started());
        facts.put("status", run.isDone() ? "done" : run.hasDiverged() ? "diverged" : "resumable");
        List<Metrics.Point> points = run.metrics().read();
        String cells = run.asked().provenance().settings().get("cells");
        facts.put(
                "step",
                cells != null
                        ? done(run)
                        : points.isEmpty() ? 0L : points.get(points.size() - 1).step());
        long last = run.checkpoints().last().orElse(-1);
        facts.put("checkpoint", last < 0 ? null : (Object) last);
        facts.put(
                "steps",
                cells != null ? cells : run.asked().provenance().settings().get("steps"));
        facts.put("loss", last(points, "loss"));
        facts.put("validation_loss", last(points, "validation_loss"));
        facts.put("reward", last(points, "reward"));
        facts.put("kl", last(points, "kl"));
        return facts;
    }

    /** The cells of a sweep that are there. */
    private static long done(StoredRun run) throws IOException {
        Path cells = run.path().resolve("cells");
        if (!Files.isDirectory(cells)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(cells)) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private static @Nullable Double last(List<Metrics.Point> points, String name) {
        Double last = null;
        for (Metrics.Point point : points) {
            last = point.values().getOrDefault(name, last);
        }
        return last;
    }

    private void print(List<Map<String, @Nullable Object>> facts) {
        if (facts.isEmpty()) {
            console().line("no runs in " + folder);
            return;
        }
        TextTable table = new TextTable(0)
                .words("run", 30)
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
            table.row(
                    Style.PLAIN,
                    shown(run.get("run")),
                    shown(run.get("kind")),
                    shown(run.get("status")),
                    shown(run.get("step")),
                    shown(run.get("steps")),
                    shown(run.get("checkpoint")),
                    shown(run.get("loss")),
                    shown(run.get("validation_loss")),
                    shown(run.get("reward")),
                    shown(run.get("kl")));
        }
        table.print(console());
    }

    private static String shown(@Nullable Object value) {
        return value instanceof Double number
                ? String.format("%.4f", number)
                : Objects.requireNonNullElse(value, "–").toString();
    }
}
