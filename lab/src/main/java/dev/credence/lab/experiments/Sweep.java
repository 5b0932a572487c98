package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.ParquetTable;
import dev.credence.data.json.Json;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Runs every cell of a plan, several at a time, and keeps each as it is done: begun again in the same folder, only the cells that
 * are missing are run. A cell's figures depend on its settings alone, neither on the order nor on how many run at a time.
 */
public final class Sweep {
    private static final String CELLS = "cells";

    private final SweepPlan plan;
    private final Path folder;
    private final Provenance made;
    private final CellRunner runner;

    /**
     * A sweep in this process.
     *
     * @param plan what is run
     * @param folder for its files, there already
     * @param made version and command; settings and inputs are each cell's own
     */
    public Sweep(SweepPlan plan, Path folder, Provenance made) {
        this(plan, folder, made, CellRunner.HERE);
    }

    /**
     * A sweep whose cells are run elsewhere; its files are kept here.
     *
     * @param plan what is run
     * @param folder for its files, there already
     * @param made version and command; settings and inputs are each cell's own
     * @param runner runs a cell, several at a time
     */
    public Sweep(SweepPlan plan, Path folder, Provenance made, CellRunner runner) {
        this.plan = plan;
        this.folder = folder;
        this.made = made;
        this.runner = runner;
    }

    /**
     * A cell that was run.
     *
     * @param number from 1
     * @param settings all of its keys that were set
     * @param run what came of it, or null where it failed
     * @param cause why it failed, or null
     */
    public record Cell(
            int number,
            Map<String, String> settings,
            @Nullable ExperimentRun run,
            @Nullable String cause) {}

    /**
     * Runs what is missing, then writes {@code cells.parquet} and {@code cells.csv}: a row a cell and figure, and one a cell that
     * failed.
     *
     * @param parallel cells at a time
     * @param listener takes progress, and may stop it between cells
     * @return every cell, in the plan's order
     * @throws IOException if something cannot be read or written
     * @throws InterruptedRunException if the listener stopped it; what is done is kept
     */
    public List<Cell> run(int parallel, Listener listener) throws IOException {
        Files.createDirectories(folder.resolve(CELLS));
        Map<Integer, Cell> done = new LinkedHashMap<>();
        List<Integer> missing = new ArrayList<>();
        for (int number = 1; number <= plan.cells().size(); number++) {
            Cell kept = kept(number);
            if (kept == null) {
                missing.add(number);
            } else {
                done.put(number, kept);
            }
        }
        if (!done.isEmpty()) {
            listener.accept("going on: " + done.size() + " of " + plan.cells().size() + " cells are there");
        }
        runMissing(missing, Math.max(1, parallel), listener, done);
        List<Cell> cells = new ArrayList<>();
        for (int number = 1; number <= plan.cells().size(); number++) {
            cells.add(done.get(number));
        }
        DataTable table = table(cells);
        ParquetTable.write(table, folder.resolve("cells.parquet"));
        byte[] csv = ExperimentRun.csv(table).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(folder.resolve("cells.csv"), out -> out.write(csv));
        return cells;
    }

    private void runMissing(List<Integer> missing, int parallel, Listener listener, Map<Integer, Cell> done)
            throws IOException {
        Remaining remaining = new Remaining(missing.size(), listener, System::nanoTime);
        ExecutorService threads = Executors.newFixedThreadPool(parallel);
        try {
            ExecutorCompletionService<Cell> ended = new ExecutorCompletionService<>(threads);
            int begun = 0;
            for (int running = 0; running > 0 || begun < missing.size(); ) {
                while (running < parallel && begun < missing.size() && !listener.isStopped()) {
                    int number = missing.get(begun++);
                    ended.submit(() -> cell(number, listener));
                    running++;
                }
                if (running == 0) {
                    throw interrupted(done.size());
                }
                Cell cell = ended.take().get();
                running--;
                done.put(cell.number, cell);
                remaining.did(1, "cells");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(done.size());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            if (e.getCause() instanceof InterruptedRunException) {
                throw interrupted(done.size());
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private InterruptedRunException interrupted(int done) {
        return new InterruptedRunException(done + " of " + plan.cells().size() + " cells are done: `resume "
                + ShellWord.of(folder.toString()) + "` goes on from there");
    }

    private Cell cell(int number, Listener listener) throws IOException {
        Map<String, String> settings = plan.cells().get(number - 1);
        Path file = file(number);
        try {
            ExperimentSettings checked = ExperimentSettings.of(plan.experiment(), plan.effort(), settings);
            ExperimentRun run = runner.run(plan.experiment(), checked, made, onlyWarnings(number, listener));
            AtomicFile.write(file, out -> Json.write(run.document(), out));
            return new Cell(number, settings, run, null);
        } catch (InputException e) {
            return failed(number, settings, String.valueOf(e.getMessage()), listener);
        } catch (InterruptedRunException e) {
            throw e;
        } catch (RuntimeException e) {
            return failed(number, settings, Cause.of(e), listener);
        }
    }

    /** Not kept: a cell that failed is run again where the sweep goes on. */
    private static Cell failed(int number, Map<String, String> settings, String cause, Listener listener) {
        listener.accept("warning: cell " + number + " failed: " + cause);
        return new Cell(number, settings, null, cause);
    }

    private static Listener onlyWarnings(int number, Listener listener) {
        return new Listener() {
            @Override
            public void accept(String line) {
                if (line.startsWith("warning:")) {
                    listener.accept("warning: cell " + number + ":" + line.substring("warning:".length()));
                }
            }

            @Override
            public boolean isStopped() {
                return listener.isStopped();
            }
        };
    }

    /** The cell as it was kept, if it was, with the settings of now. */
    private @Nullable Cell kept(int number) throws IOException {
        Path file = file(number);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        Map<String, String> settings = plan.cells().get(number - 1);
        ExperimentRun run = ExperimentFile.read(file);
        Map<String, String> now = ExperimentSettings.of(plan.experiment(), plan.effort(), settings)
                .written();
        return run.experiment().name().equals(plan.experiment().name())
                        && run.settings().written().equals(now)
                ? new Cell(number, settings, run, null)
                : null;
    }

    private Path file(int number) {
        return folder.resolve(CELLS).resolve(String.format(Locale.ROOT, "%06d.json", number));
    }

    private DataTable table(List<Cell> cells) {
        List<String> columns = new ArrayList<>(List.of("cell"));
        columns.addAll(plan.varied());
        columns.addAll(List.of("id", "lower", "estimate", "upper", "grade", "unit", "reason", "cause"));
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Cell cell : cells) {
            ExperimentRun run = cell.run;
            if (run == null) {
                List<@Nullable Object> row = begin(cell);
                for (int i = 0; i < 7; i++) {
                    row.add(null);
                }
                row.add(cell.cause);
                rows.add(row);
                continue;
            }
            for (Finding finding : run.result().findings().values()) {
                List<@Nullable Object> row = begin(cell);
                row.add(finding.id());
                row.add(finding.lower());
                row.add(finding.estimate());
                row.add(finding.upper());
                row.add(finding.grade().name().toLowerCase(Locale.ROOT));
                row.add(finding.unit());
                row.add(finding.reason());
                row.add(null);
                rows.add(row);
            }
        }
        return new DataTable("Every figure of every cell", columns, rows);
    }

    private List<@Nullable Object> begin(Cell cell) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add((long) cell.number);
        plan.varied().forEach(key -> row.add(value(cell.settings.get(key))));
        return row;
    }

    /** A number where it is one. */
    static @Nullable Object value(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return ExperimentKey.number(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
