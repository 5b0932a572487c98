package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.provenance.Provenance;
import dev.credence.lab.engines.Engine;
import dev.credence.lab.experiments.CellRunner;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.Sweep;
import dev.credence.lab.experiments.SweepPlan;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep's table does not depend on where its cells are run. */
class SparkSweepTest {
    @TempDir
    private static Path folder = Path.of("");

    private static List<Sweep.Cell> run(SweepPlan plan, Path into, CellRunner runner, Listener listener)
            throws IOException {
        Provenance made = new Provenance("v", "c", 1, Map.of(), List.of());
        return new Sweep(plan, Files.createDirectories(into), made, runner).run(2, listener);
    }

    @Test
    void theTableIsTheSameAndACellThatIsThereIsNotRunAgain() throws IOException {
        Path file = Files.writeString(
                folder.resolve("sweep.yaml"),
                "experiment: amplification\nbranching: 2\ngrid: {transmission: [.2, .4], own: [.01, .05]}\n");
        SweepPlan plan = SweepPlan.read(file, Effort.standard(), Map.of());
        run(plan, folder.resolve("here"), CellRunner.HERE, Listener.silent());
        List<Integer> begun = new ArrayList<>();
        try (Engine.Session session = Engine.of("spark").open("local[2]")) {
            assertThat(session.described()).containsEntry("master", "local[2]");
            CellRunner cells = session.cells();
            CellRunner counted = (experiment, settings, made, listener) -> {
                synchronized (begun) {
                    begun.add(1);
                }
                return cells.run(experiment, settings, made, listener);
            };
            Path shared = folder.resolve("shared");
            run(plan, shared, counted, Listener.silent());
            assertThat(shared.resolve("cells.csv")).hasSameBinaryContentAs(folder.resolve("here/cells.csv"));
            assertThat(shared.resolve("cells.parquet")).hasSameBinaryContentAs(folder.resolve("here/cells.parquet"));
            assertThat(begun).hasSize(4);
            Files.delete(shared.resolve("cells/000002.json"));
            run(plan, shared, counted, Listener.silent());
            assertThat(begun).hasSize(5);
            assertThat(shared.resolve("cells.csv")).hasSameBinaryContentAs(folder.resolve("here/cells.csv"));
            Path failing = Files.writeString(
                    folder.resolve("failing.yaml"),
                    "experiment: which-conditional\ngrid: {weights: [[.5, .5], [.5, .6]]}\n");
            SweepPlan half = SweepPlan.read(failing, Effort.standard(), Map.of());
            List<String> lines = new ArrayList<>();
            List<Sweep.Cell> run = run(half, folder.resolve("half"), cells, lines::add);
            run(half, folder.resolve("half here"), CellRunner.HERE, Listener.silent());
            assertThat(run.get(1).run()).isNull();
            assertThat(lines).anyMatch(line -> line.startsWith("warning: cell 2 failed: "));
            assertThat(folder.resolve("half/cells.csv")).hasSameBinaryContentAs(folder.resolve("half here/cells.csv"));
        }
    }
}
