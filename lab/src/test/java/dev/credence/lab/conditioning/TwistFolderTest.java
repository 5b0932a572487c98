package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.SavedState;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of twists in a folder: used again they give the figures of the run that learned them; others are refused by name. */
class TwistFolderTest {
    private static final int HORIZON = 3;
    private static final String BOTH = "\"t\"\n\"h\"\n";

    @TempDir
    private static Path folder = Path.of("");

    private static Path prior = Path.of("");
    private static Path learned = Path.of("");
    private static Path original = Path.of("");

    @BeforeAll
    static void learnHeads() throws IOException {
        prior = TinyCheckpoint.write(folder.resolve("prior"), 3);
        original = folder.resolve("run");
        run(prior, BOTH, HORIZON, 0.5, MethodOptions.none(), original.resolve("rollouts.jsonl"));
    }

    /** Damage is done to a copy. */
    @BeforeEach
    void copy() throws IOException {
        learned = Files.createTempDirectory(folder, "copy");
        Files.createDirectories(learned.resolve("twist"));
        for (String file : List.of("twist.json", "0.bin", "1.bin")) {
            Files.copy(
                    original.resolve("twist").resolve(file),
                    learned.resolve("twist").resolve(file));
        }
    }

    private static MethodOptions from(Path named) {
        return MethodOptions.none().with("twist-from", named.toString());
    }

    private static void assertRefused(Path model, String prompts, int horizon, String why) {
        assertThatThrownBy(() -> run(model, prompts, horizon, 0.5, from(learned), null))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("twist-from")
                .hasMessageContaining(learned.toString())
                .hasMessageContaining(why);
    }

    /** Nothing is learned anew: another seed's draws would have made other heads, and other β are allowed. */
    @Test
    void headsAreUsedAgain() throws IOException {
        Answer again = run(prior, BOTH, HORIZON, 0.5, from(learned), null);
        Answer byFolder = run(prior, BOTH, HORIZON, 0.5, from(learned.resolve("twist")), null);
        assertThat(byFolder.findings()).isEqualTo(again.findings());
        Answer exact = run(
                prior,
                BOTH,
                HORIZON,
                0.25,
                MethodOptions.none().with("twist", "exact").with("twist-loss", "table"),
                null);
        Finding logZ = Objects.requireNonNull(
                run(prior, BOTH, HORIZON, 0.25, from(learned), null).findings().get("log_z"));
        assertThat(Objects.requireNonNull(exact.findings().get("log_z")).estimate())
                .isBetween(logZ.lower(), logZ.upper());
        Files.copy(
                learned.resolve("twist").resolve("1.bin"),
                learned.resolve("twist").resolve("0.bin"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(run(prior, BOTH, HORIZON, 0.5, from(learned), null).findings())
                .isNotEqualTo(again.findings());
    }

    @Test
    void anotherModelsHorizonsOrPromptsHeadsAreRefused() throws IOException {
        Path other = TinyCheckpoint.write(folder.resolve("other"), 4);
        assertRefused(
                other, BOTH, HORIZON, "its heads read the hidden states of another model: learn them on this one");
        assertRefused(prior, BOTH, HORIZON + 1, "texts of up to 3; the model has 5 and texts are cut after 4");
        assertRefused(prior, "\"e\"\n", HORIZON, "it has no head for prompt 'e'; it has ");
        assertThat(learned.toFile().list()).containsExactly("twist");
    }

    /** A vocabulary of another size, written into the head as if it were of this model. */
    @Test
    void aHeadOfAnotherVocabularyIsRefused() throws IOException {
        Path head = learned.resolve("twist").resolve("0.bin");
        SavedState state;
        try (InputStream in = Files.newInputStream(head)) {
            state = SavedState.read(in, "twist head");
        }
        try (OutputStream out = Files.newOutputStream(head)) {
            SavedState.of("twist head")
                    .wholes("vocabulary", 6)
                    .wholes("width", state.whole("width"))
                    .numbers("position", state.numbers("position"))
                    .write(out);
        }
        assertRefused(prior, BOTH, HORIZON, "0.bin cannot be used: the head is for 6 tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"twist.json", "0.bin"})
    void filesThatAreMissingOrCutAreRefused(String name) throws IOException {
        Path file = learned.resolve("twist").resolve(name);
        byte[] whole = Files.readAllBytes(file);
        for (int left : new int[] {whole.length / 2, 0}) {
            Files.write(file, Arrays.copyOf(whole, left));
            assertRefused(prior, BOTH, HORIZON, name);
        }
        Files.delete(file);
        assertRefused(prior, BOTH, HORIZON, name);
    }

    /** Whatever one byte becomes, the head is refused or its numbers are finite. */
    @Test
    void aDamagedHeadIsRefusedOrFinite() throws IOException {
        Path file = learned.resolve("twist").resolve("0.bin");
        byte[] whole = Files.readAllBytes(file);
        int refused = 0;
        for (int at = 0; at < whole.length; at += 1 + whole.length / 6) {
            byte[] damaged = whole.clone();
            damaged[at] = (byte) (damaged[at] ^ 0x7f);
            Files.write(file, damaged);
            try {
                Finding logZ = Objects.requireNonNull(run(prior, BOTH, HORIZON, 0.5, from(learned), null)
                        .findings()
                        .get("log_z"));
                assertThat(logZ.estimate()).as("byte %d", at).isFinite();
            } catch (InputException e) {
                assertThat(e).hasMessageContaining("twist-from").hasMessageContaining("0.bin cannot be used");
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static Answer run(
            Path model, String prompts, int horizon, double beta, MethodOptions given, @Nullable Path log)
            throws IOException {
        Path file = Files.writeString(folder.resolve("prompts.jsonl"), prompts);
        ConditioningPlan plan = new ConditioningPlan(
                model.toString(),
                file.toString(),
                horizon,
                BeginToken.YES,
                new Asking("0.5*count:[ea]", null, beta, RewardType.SCORE),
                8,
                null,
                1,
                ConditioningPlan.Care.standard());
        Smc method =
                Smc.twisted(4).learning(100).learningBy(Smc.TwistLoss.SOFT_RL).atKl(beta);
        try (ModelConditioning conditioning =
                new ModelConditioning(plan.question(Prompts.read(file.toString())), line -> {})) {
            return conditioning.untrained(method, given, log);
        }
    }
}
