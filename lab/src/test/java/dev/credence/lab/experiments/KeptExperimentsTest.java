package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.experiments.KeptExperiments.Asked;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptExperimentsTest {
    private static final Provenance MADE = new Provenance("test", "run all", 7, Map.of(), List.of());

    @TempDir
    private Path folder = Path.of("");

    private static List<Asked> asked() {
        WhichConditional which = new WhichConditional();
        SftCopies copies = new SftCopies();
        return List.of(
                new Asked(which, ExperimentSettings.of(which, Map.of("n", "3"))),
                new Asked(copies, ExperimentSettings.of(copies, Map.of("copies", "2", "flow", "1"))));
    }

    @Test
    void stoppedBetweenTwoTheyGoOnWithTheOneThatIsMissing() throws IOException {
        KeptExperiments begun = KeptExperiments.begin(asked(), folder.resolve("all"), MADE);
        List<String> taken = new ArrayList<>();
        Listener stopping = new Listener() {
            @Override
            public void accept(String line) {}

            @Override
            public boolean isStopped() {
                return !taken.isEmpty();
            }
        };
        assertThatThrownBy(() -> begun.go(
                        stopping, (run, own) -> taken.add(run.experiment().name())))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessageContaining("1 of 2 experiments are done");
        Path first = folder.resolve("all/which-conditional/figures.json");
        long written = Files.getLastModifiedTime(first).toMillis();
        List<String> lines = new ArrayList<>();
        List<ExperimentRun> runs =
                KeptExperiments.resume(StoredRun.open(folder.resolve("all"))).go(lines::add, (run, own) -> {});
        assertThat(runs).extracting(run -> run.experiment().name()).containsExactly("which-conditional", "sft-copies");
        assertThat(lines)
                .contains("experiment 2 of 2: sft-copies")
                .doesNotContain("experiment 1 of 2: which-conditional");
        assertThat(Files.getLastModifiedTime(first).toMillis()).isEqualTo(written);
        for (int i = 0; i < 2; i++) {
            ExperimentRun alone = asked().get(i).run(MADE, Listener.silent());
            assertThat(runs.get(i).result().findings()).isEqualTo(alone.result().findings());
            assertThat(runs.get(i).settings().written())
                    .isEqualTo(alone.settings().written());
        }
    }

    @Test
    void theSeedThatIsWrittenIsTheOneThatWasUsed() throws IOException {
        OverOptimisation experiment = new OverOptimisation();
        Map<String, String> set = Map.of("seed", "5", "n", "1", "pool", "1000");
        ExperimentRun run = new Asked(experiment, ExperimentSettings.of(experiment, set)).run(MADE, Listener.silent());
        assertThat(run.provenance().seed()).isEqualTo(5);
        assertThat(asked().get(0).run(MADE, Listener.silent()).provenance().seed())
                .as("an experiment without chance")
                .isEqualTo(7);
    }

    @Test
    void aFolderWithSomethingInItIsRefused() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("full")).resolve("mine.txt"), "mine");
        assertThatThrownBy(() -> KeptExperiments.begin(asked(), folder.resolve("full"), MADE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not empty");
    }

    @Test
    void whatIsNoRunsFiguresIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("figures.json"), "{\"experiment\": \"amplification\"}");
        assertThatThrownBy(() -> ExperimentFile.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("provenance");
        Files.writeString(file, "{\"experiment\": ");
        assertThatThrownBy(() -> ExperimentFile.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("broken JSON");
    }
}
