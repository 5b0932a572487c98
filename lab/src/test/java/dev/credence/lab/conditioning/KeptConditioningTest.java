package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.BeginToken;
import dev.credence.lab.Credence;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingDivergedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditioning of a model in a run's folder, as a Java user begins it and goes on with it, whatever has happened in between. */
class KeptConditioningTest {
    private static final String MODEL = "model.safetensors";

    @TempDir
    private static Path shared = Path.of("");

    private static String prior = "";
    private static Path prompts = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private final List<String> said = new ArrayList<>();

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(shared.resolve("prior"), 1).toString();
        prompts = Files.writeString(shared.resolve("prompts.jsonl"), "\"\"\n\"th\"\n");
    }

    private Answer condition(Path run, Path asked, ConditioningPlan.Care care, String... words) throws IOException {
        ConditioningPlan plan = new ConditioningPlan(
                prior,
                asked.toString(),
                2,
                BeginToken.AUTO,
                new Asking("0.5*count:[ae]", null, 0.5, RewardType.SCORE),
                1000,
                null,
                1,
                care);
        Map<String, String> settings = new LinkedHashMap<>(Map.of("samples", "16", "beta", "0.5"));
        for (int i = 1; i < words.length; i++) {
            settings.put(words[i].split("=", -1)[0], words[i].split("=", -1)[1]);
        }
        TrainedConditioner method =
                (TrainedConditioner) Methods.byName(words[0]).with(settings);
        return Credence.condition(run, plan, method, said::add);
    }

    private static ConditioningPlan.Care every(int steps) {
        return new ConditioningPlan.Care(Integer.toString(steps), null, null, false, null);
    }

    private Answer resume(Path run) throws IOException {
        said.clear();
        return Credence.resume(run, said::add);
    }

    /** A run as if it had been killed right behind an earlier checkpoint. */
    private static void killBehind(Path run, long step) throws IOException {
        for (String file : List.of("result.json", MODEL, "config.json")) {
            Files.deleteIfExists(run.resolve(file));
        }
        StoredRun.open(run).checkpoints().dropFrom(step + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rloo adaptive-kl=0.1",
                "rloo target-kl=0.05 lr=0.003",
                "reinforce",
                "ppo epochs=2",
                "rloo reset-reference=4",
                "grpo",
                "dr-grpo",
                "dapo",
                "dpo",
                "ipo",
                "kto",
                "distil optimiser=sgd",
                "natural-gradient epochs=2"
            })
    void aResumedRunEndsWithTheSameBytes(String words) throws IOException {
        Path whole = folder.resolve("whole");
        Path run = folder.resolve("run");
        String[] settings = (words + " steps=9").split(" ", -1);
        Answer expected = condition(whole, prompts, every(4), settings);
        condition(run, prompts, every(1), settings);
        byte[] model = Files.readAllBytes(whole.resolve(MODEL));
        assertThat(run.resolve(MODEL)).hasBinaryContent(model);
        long last = StoredRun.open(run).checkpoints().last().orElseThrow();
        // killed before its end, in the audit, and before the first checkpoint
        for (long kept : List.of(last - 1, last, 0L)) {
            killBehind(run, kept);
            Answer resumed = resume(run);
            assertThat(said.contains("going on from step " + kept)).isEqualTo(kept > 0);
            assertThat(run.resolve(MODEL)).hasBinaryContent(model);
            assertThat(resumed.findings()).isEqualTo(expected.findings());
        }
    }

    @Test
    void aDamagedCheckpointGivesWayToTheOneBefore() throws IOException {
        Path run = folder.resolve("run");
        condition(run, prompts, every(2), "rloo", "steps=6");
        byte[] model = Files.readAllBytes(run.resolve(MODEL));
        for (String file : List.of("state.bin", "method.bin")) {
            killBehind(run, 6);
            try (RandomAccessFile state = new RandomAccessFile(
                    run.resolve("checkpoints/step-00000006").resolve(file).toFile(), "rw")) {
                state.seek(state.length() / 2);
                int was = state.read();
                state.seek(state.length() / 2);
                state.write(was ^ 0xFF);
            }
            resume(run);
            assertThat(said)
                    .anyMatch(line -> line.contains("damaged") && line.contains("trying the one before"))
                    .anyMatch(line -> line.contains("going on from step 4"));
            assertThat(run.resolve(MODEL)).hasBinaryContent(model);
        }
    }

    @Test
    void aChangedInputIsRefused() throws IOException {
        Path own = Files.copy(prompts, folder.resolve("own.jsonl"));
        Path run = folder.resolve("run");
        condition(run, own, every(2), "rloo", "steps=4");
        killBehind(run, 2);
        Files.writeString(own, "\"th\"\n\"\"\n");
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("own.jsonl")
                .hasMessageContaining("sha256")
                .hasMessageContaining("it goes on with the same file only");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rloo lr=1e10          | 60s | -   | -     | policy            | log-probabilities are not finite | lower lr",
                "distil lr=1e10        | 60s | -   | -     | policy            | log-probabilities are not finite | lower lr",
                "dpo lr=1e10           | 60s | -   | -     | policy            | log-probabilities are not finite | lower lr",
                "rloo lr=0.05          | 1   | 0.3 | -     | kl                | past the limit of 0.3            | raise beta",
                "ppo lr=0.03 epochs=6  | 1   | -   | 0.999 | effective-samples | third step in a row              | fewer epochs"
            })
    void aDivergenceStopsWithItsCause(
            String words, String every, String kl, String ess, String cause, String why, String advice)
            throws IOException {
        Path run = folder.resolve("run");
        ConditioningPlan.Care care = new ConditioningPlan.Care(every, limit(kl), limit(ess), false, null);
        assertThatThrownBy(() -> condition(run, prompts, care, (words + " steps=40").split(" ", -1)))
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageContaining("training diverged at step ")
                .hasMessageContaining(why)
                .hasMessageContaining(advice);
        assertThat(Files.readString(StoredRun.open(run).divergence())).contains("\"" + cause + "\"", advice);
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a run that diverged")
                .hasMessageContaining("it would diverge again");
        assertThat(run.resolve(MODEL)).doesNotExist();
        OptionalLong good = StoredRun.open(run).checkpoints().last();
        assertThat(good.isPresent()).as("a checkpoint was good").isEqualTo(cause.equals("effective-samples"));
    }

    private static @Nullable Double limit(String text) {
        return text.equals("-") ? null : Double.valueOf(text);
    }
}
