package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.training.TrainedScorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reward models that another library wrote, and ours read back. */
class RewardModelFolderTest {
    private static final List<int[]> TEXTS =
            List.of(new int[] {5, 17, 300}, new int[] {44}, new int[] {9, 8, 7, 6, 5, 4, 3});

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "gpt2-plays, FLOAT32, 1e-4",
        "qwen2, FLOAT32, 1e-4",
        "gpt2-plays, FLOAT64, 1e-9",
        "qwen2, FLOAT64, 1e-6" // the other library turns its heads by angles in single precision
    })
    void scoresAreThoseOfTheLibraryThatWroteThem(String name, Precision precision, double error) throws IOException {
        Path folder = Cases.path("reward-models/" + name);
        JsonNode expected =
                new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        List<int[]> texts = new ArrayList<>();
        List<int[]> padded = new ArrayList<>();
        for (JsonNode one : expected) {
            int[] ids = new int[one.path("ids").size()];
            Arrays.setAll(ids, i -> one.path("ids").get(i).asInt());
            texts.add(ids);
            padded.add(Arrays.copyOf(ids, ids.length + 3)); // both pad with token 0
        }
        try (RewardModelFolder model =
                RewardModelFolder.open(folder, new Transformer.Compute(Backend.shared(), precision))) {
            double[] scores = model.scores(texts);
            double[] ofPadded = model.scores(padded);
            for (int i = 0; i < scores.length; i++) {
                double right = expected.get(i).path("score").asDouble();
                assertThat(scores[i]).as("text %d", i).isCloseTo(right, within(error * (1 + Math.abs(right))));
                assertThat(ofPadded[i]).isCloseTo(scores[i], within(1e-6));
            }
        }
    }

    @Test
    void thePromptIsTokenisedAsTheOtherLibraryDid() throws IOException {
        Path folder = Cases.path("reward-models/gpt2-plays");
        JsonNode expected =
                new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        int texts = 0;
        try (RewardModelFolder model = RewardModelFolder.open(folder, Backend.shared())) {
            for (JsonNode one : expected) {
                if (one.has("prompt")) {
                    int[] prompt = model.tokenizer().prompt(one.path("prompt").asText(), BeginToken.YES);
                    int[] rest = model.tokenizer()
                            .behind(prompt, one.path("completion").asText());
                    int[] whole = Arrays.copyOf(prompt, prompt.length + rest.length);
                    System.arraycopy(rest, 0, whole, prompt.length, rest.length);
                    assertThat(Arrays.toString(whole).replace(" ", ""))
                            .isEqualTo(one.path("ids").toString());
                    texts++;
                }
            }
        }
        assertThat(texts).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "neox", "llama", "qwen2", "qwen3", "gpt2-sharded-bf16"})
    void aLanguageModelTurnedIntoARewardModelIsReadBack(String name) throws IOException {
        Checkpoint form = Checkpoint.open(Cases.path("checkpoints/" + name));
        Path target = temporary.resolve("reward");
        double[] trained;
        try (Transformer start = form.loadScoring(new Transformer.Compute(Backend.shared(), Precision.FLOAT32));
                TrainedScorer scorer = TrainedScorer.of(start, Optimiser.adamW(LearningRate.constant(1e-3)))) {
            assertThat(start.scores(TEXTS)).containsOnly(0);
            for (int step = 0; step < 3; step++) {
                scorer.step(TEXTS, scores -> new double[] {1, -1, 1});
            }
            trained = scorer.transformer().scores(TEXTS);
            assertThat(trained[0]).isPositive();
            assertThat(trained[1]).isNegative();
            RewardModelFolder.write(form, scorer.transformer(), target);
        }
        JsonNode config =
                new ObjectMapper().readTree(target.resolve("config.json").toFile());
        assertThat(config.path("architectures").get(0).asText()).endsWith("ForSequenceClassification");
        assertThat(config.path("id2label")).hasSize(1);
        assertThat(config.path("dtype").asText()).isEqualTo("float32");
        try (RewardModelFolder again = RewardModelFolder.open(target, Backend.shared())) {
            assertThat(again.checkpoint().warnings()).isEmpty();
            assertThat(again.scores(TEXTS)).containsExactly(trained, within(1e-6));
        }
        assertThatThrownBy(() -> Checkpoint.open(target).load(Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("config.json: field 'architectures'")
                .hasMessageContaining("a reward model scores texts and foretells no token");
    }

    @Test
    void anAdapterTrainsWithTheHeadAndIsMergedIntoTheFolder() throws IOException {
        Checkpoint form = Checkpoint.open(Cases.path("checkpoints/gpt2"));
        Path target = temporary.resolve("reward");
        try (Transformer start = form.loadScoring(new Transformer.Compute(Backend.shared(), Precision.FLOAT32));
                TrainedScorer scorer = TrainedScorer.lora(
                        start,
                        LoraSettings.ofRank(2),
                        Optimiser.adamW(LearningRate.constant(1e-2)),
                        new SplittableRandom(1))) {
            for (int step = 0; step < 4; step++) {
                scorer.step(TEXTS, scores -> new double[] {1, -1, 1});
            }
            double[] trained = scorer.transformer().scores(TEXTS);
            assertThat(trained[0] - trained[1]).isGreaterThan(0.01);
            assertThat(scorer.transformer().adapters()).isNotEmpty();
            try (Transformer merged = scorer.transformer().merged()) {
                RewardModelFolder.write(form, merged, target);
            }
            try (RewardModelFolder again = RewardModelFolder.open(target, Backend.shared())) {
                assertThat(again.scores(TEXTS)).containsExactly(trained, within(1e-5));
            }
        }
    }

    @Test
    void theLastTokenThatIsNoPaddingIsRead() {
        OptionalInt pad = OptionalInt.of(0);
        assertThat(RewardModelFolder.unpadded(new int[] {1, 0, 2, 0, 0}, pad)).containsExactly(1, 0, 2);
        assertThat(RewardModelFolder.unpadded(new int[] {0, 0}, pad)).containsExactly(0);
        assertThat(RewardModelFolder.unpadded(new int[] {1, 0}, OptionalInt.empty()))
                .containsExactly(1, 0);
    }

    @Test
    void whatIsNoRewardModelIsRefused() throws IOException {
        Path language = Cases.path("checkpoints/gpt2");
        assertThatThrownBy(() -> RewardModelFolder.open(language, Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a reward model's name ends with ForSequenceClassification");
        Path three = copy("reward-models/qwen2");
        Path config = three.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"0\": \"LABEL_0\"", "\"0\": \"A\", \"1\": \"B\""));
        assertThatThrownBy(() -> RewardModelFolder.open(three, Backend.shared()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("id2label")
                .hasMessageContaining("a reward model has one: its score");
    }

    private Path copy(String name) throws IOException {
        Path from = Cases.path(name);
        Path to = Files.createDirectories(temporary.resolve("copy"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
        return to;
    }
}
