package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.FileHash;
import dev.credence.data.json.Json;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.runs.RunMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A sweep in a run's folder, from its plan to its table; killed at any moment, it goes on with the cells that are missing. */
public final class KeptSweep {
    /** What a run's record says it is. */
    public static final String KIND = "sweep";

    private static final String PLAN = "sweep.yaml";
    private static final String SIZE = "size";
    private static final String TRANSFORMER = "transformer";
    private static final String SET = "set.";

    private final StoredRun run;
    private final SweepPlan plan;

    private KeptSweep(StoredRun run, SweepPlan plan) {
        this.run = run;
        this.plan = plan;
    }

    /**
     * Begins a sweep; no cell is run yet.
     *
     * @param plan what is run
     * @param file where it was read
     * @param folder new or empty
     * @param made version, command and seed
     * @return the sweep
     * @throws IOException if the folder cannot be written
     * @throws InputException if there is something in the folder
     */
    public static KeptSweep begin(SweepPlan plan, Path file, Path folder, Provenance made) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("experiment", plan.experiment().name());
        settings.put(SIZE, plan.effort().size().name().toLowerCase(Locale.ROOT));
        settings.put("cells", Integer.toString(plan.cells().size()));
        settings.put(TRANSFORMER, Boolean.toString(plan.effort().transformer()));
        plan.given().forEach((key, value) -> settings.put(SET + key, value));
        Provenance provenance =
                new Provenance(made.version(), made.command(), made.seed(), settings, List.of(FileHash.of(file)));
        StoredRun run = StoredRun.begin(
                folder,
                new RunRecord(
                        KIND,
                        List.of(file.toString()),
                        provenance,
                        RunMachine.now(),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()),
                Map.of(PLAN, out -> out.write(plan.source())));
        return new KeptSweep(run, plan);
    }

    /**
     * Opens one that was begun.
     *
     * @param run its folder
     * @return the sweep
     * @throws IOException if its plan cannot be read
     */
    public static KeptSweep resume(StoredRun run) throws IOException {
        Map<String, String> given = new LinkedHashMap<>();
        Map<String, String> settings = run.asked().provenance().settings();
        settings.forEach((key, value) -> {
            if (key.startsWith(SET)) {
                given.put(key.substring(SET.length()), value);
            }
        });
        String size = settings.getOrDefault(SIZE, "standard").toUpperCase(Locale.ROOT);
        Effort effort = new Effort(
                Effort.Size.valueOf(size), Boolean.parseBoolean(settings.getOrDefault(TRANSFORMER, "false")));
        return new KeptSweep(run, SweepPlan.read(run.path().resolve(PLAN), effort, given));
    }

    /** {@return the run's folder} */
    public StoredRun run() {
        return run;
    }

    /** {@return whether a cell trains a language model, which takes all processors by itself} */
    public boolean trains() {
        return plan.effort().transformer()
                || plan.cells().stream()
                        .anyMatch(cell -> !cell.getOrDefault("model", "").isEmpty());
    }

    /**
     * What came of it.
     *
     * @param plan what was run
     * @param cells in the plan's order
     * @param summary what is seen over them
     * @param document for programs
     * @param provenance how
     */
    public record Outcome(
            SweepPlan plan,
            List<Sweep.Cell> cells,
            SweepSummary summary,
            Map<String, @Nullable Object> document,
            Provenance provenance) {}

    /**
     * Runs the cells that are missing, and writes tables and result: from then on the run is done, unless a cell failed.
     *
     * @param parallel cells at a time
     * @param listener takes progress, and may stop it between cells
     * @return what came of it
     * @throws IOException if something cannot be written
     */
    public Outcome go(int parallel, Listener listener) throws IOException {
        return go(parallel, CellRunner.HERE, listener);
    }

    /**
     * The same with cells that are run elsewhere.
     *
     * @param parallel cells at a time
     * @param runner runs a cell
     * @param listener takes progress, and may stop it between cells
     * @return what came of it
     * @throws IOException if something cannot be written
     */
    public Outcome go(int parallel, CellRunner runner, Listener listener) throws IOException {
        Provenance provenance = run.asked().provenance();
        List<Sweep.Cell> cells;
        RunLock lock = RunLock.take(run.path());
        try (Interruption interruption = Interruption.watch(listener)) {
            cells = run(provenance, parallel, runner, stopping(interruption, listener));
        } finally {
            lock.close();
        }
        SweepSummary summary = new SweepSummary(plan, cells);
        Outcome outcome = new Outcome(plan, cells, summary, document(cells, summary, provenance), provenance);
        if (summary.failed() == 0) {
            run.finish(out -> Json.write(outcome.document, out));
        }
        return outcome;
    }

    /** Says where it stands before the process may end: afterwards nobody hears it. */
    private List<Sweep.Cell> run(Provenance provenance, int parallel, CellRunner runner, Listener listener)
            throws IOException {
        try {
            return new Sweep(plan, run.path(), provenance, runner).run(parallel, listener);
        } catch (InterruptedRunException e) {
            listener.accept("stopped: " + e.getMessage());
            throw e;
        }
    }

    private static Listener stopping(Interruption interruption, Listener listener) {
        return new Listener() {
            @Override
            public void accept(String line) {
                listener.accept(line);
            }

            @Override
            public boolean isStopped() {
                return interruption.isAsked() || listener.isStopped();
            }
        };
    }

    private Map<String, @Nullable Object> document(
            List<Sweep.Cell> cells, SweepSummary summary, Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.sweep/1", provenance);
        document.put("experiment", plan.experiment().name());
        document.put("question", plan.experiment().question());
        document.put("varied", plan.varied());
        List<Object> all = new ArrayList<>();
        for (Sweep.Cell cell : cells) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("cell", cell.number());
            fields.put("settings", cell.settings());
            ExperimentRun ran = cell.run();
            fields.put(
                    "findings", ran == null ? null : Json.findings(ran.result().findings()));
            fields.put("cause", cell.cause());
            all.add(fields);
        }
        document.put("cells", all);
        document.put("conclusion", summary.conclusion());
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
