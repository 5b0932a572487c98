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
        Experiment without = new Experiment() {
            @Override
            public String name() {
                return "constant";
            }

            @Override
            public String question() {
                return "What is one?";
            }

            @Override
            public List<ExperimentKey> settings() {
                return List.of();
            }

            @Override
            public ExperimentResult run(ExperimentSettings settings, Listener listener) {
                return ExperimentResult.builder().exact("one", "One?", 1, "").conclude("One.", "Two.");
            }
        };
        assertThat(new Asked(without, ExperimentSettings.of(without, Map.of()))
                        .run(MADE, Listener.silent())
                        .provenance()
                        .seed())
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

    private static Asked distilled() {
        Amplification experiment = new Amplification();
        return new Asked(
                experiment,
                ExperimentSettings.of(
                        experiment,
                        Map.of(
                                "transformer", "yes",
                                "transformer.seeds", "3",
                                "transformer.steps", "10",
                                "distil.rounds", "1",
                                "depth", "2")));
    }

    /** Stops once a line says that so many seeds are done. */
    private static Listener until(String done, List<String> lines) {
        return new Listener() {
            @Override
            public void accept(String line) {
                lines.add(line);
            }

            @Override
            public boolean isStopped() {
                return lines.stream().anyMatch(line -> line.contains(done));
            }
        };
    }

    @Test
    void oneExperimentGoesOnWithTheSeedsThatAreMissing() throws IOException {
        Path own = folder.resolve("one");
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() ->
                        KeptExperiments.single(distilled(), own, MADE).go(until("33 % done", lines), (run, at) -> {}))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessageContaining("`resume " + own);
        assertThat(own.resolve("parts/distilled-0.part")).exists();
        assertThat(own.resolve("parts/distilled-1.part")).doesNotExist();
        assertThat(own.resolve("figures.json")).doesNotExist();
        List<String> again = new ArrayList<>();
        ExperimentRun whole = KeptExperiments.single(distilled(), own, MADE)
                .go(again::add, (run, at) -> {})
                .get(0);
        assertThat(again).contains("going on: distilled-0 is there").doesNotContain("going on: distilled-1 is there");
        ExperimentRun alone = distilled().run(MADE, Listener.silent());
        assertThat(whole.result().findings()).isEqualTo(alone.result().findings());
        assertThat(whole.result().conclusion()).isEqualTo(alone.result().conclusion());
        assertThat(own.resolve("figures.json")).exists();
        assertThat(own.resolve("parts")).doesNotExist();
    }

    @Test
    void aPartThatIsNotWholeIsDoneAgain() throws IOException {
        Path own = Files.createDirectories(folder.resolve("torn/parts")).getParent();
        KeptParts parts = new KeptParts(own, Listener.silent(), () -> false);
        double[] exact = {Math.PI, Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE};
        assertThat(parts.part("one", () -> exact)).isEqualTo(exact);
        assertThat(parts.part("one", () -> new double[0])).as("to the last bit").isEqualTo(exact);
        Files.writeString(own.resolve("parts/one.part"), "0x1.0p0\n0x1.8p");
        assertThat(parts.part("one", () -> new double[] {7})).containsExactly(7);
        assertThatThrownBy(() -> parts.part("../one", () -> exact)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Other settings are another run; one that is refused leaves nothing behind. */
    @Test
    void otherSettingsBeginAnew() throws IOException {
        Path own = folder.resolve("changed");
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() ->
                        KeptExperiments.single(distilled(), own, MADE).go(until("33 % done", lines), (run, at) -> {}))
                .isInstanceOf(InterruptedRunException.class);
        WhichConditional which = new WhichConditional();
        Asked other = new Asked(which, ExperimentSettings.of(which, Map.of("n", "3")));
        List<String> again = new ArrayList<>();
        ExperimentRun run = KeptExperiments.single(other, own, MADE)
                .go(again::add, (ran, at) -> {})
                .get(0);
        assertThat(run.experiment().name()).isEqualTo("which-conditional");
        assertThat(own.resolve("parts")).doesNotExist();
        Asked refused = new Asked(which, ExperimentSettings.of(which, Map.of("weights", ".5,.6")));
        assertThatThrownBy(() -> KeptExperiments.single(refused, folder.resolve("bad"), MADE)
                        .go(Listener.silent(), (ran, at) -> {}))
                .isInstanceOf(InputException.class);
        assertThat(folder.resolve("bad")).doesNotExist();
    }

    /** What a sweep left that was killed before its record was there is no run: the next one begins in the same folder. */
    @Test
    void aSweepKilledBeforeItsRecordBeginsAnew() throws IOException {
        Path plan =
                Files.writeString(folder.resolve("plan.yaml"), "experiment: which-conditional\ngrid: {n: [2, 3]}\n");
        Path own = Files.createDirectory(folder.resolve("sweep"));
        Files.writeString(own.resolve("sweep.yaml"), "experiment: which-con");
        Files.writeString(own.resolve(".run.json.0b9e0f4e-5a3c-4f1c-9c55-0d7c1b8f2a11.tmp"), "{");
        SweepPlan read = SweepPlan.read(plan, Effort.standard(), Map.of());
        KeptSweep sweep = KeptSweep.begin(read, plan, own, MADE);
        assertThat(KeptSweep.resume(StoredRun.open(own)).run().path()).isEqualTo(own);
        assertThat(sweep.go(1, Listener.silent()).summary().failed()).isZero();
        assertThatThrownBy(() -> KeptSweep.begin(read, plan, own, MADE)).hasMessageContaining("not empty");
    }
}
