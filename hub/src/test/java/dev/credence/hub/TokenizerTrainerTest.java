package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.InputException;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTrainerTest {
    private static final NewCheckpoint.Sizes SMALL = new NewCheckpoint.Sizes(2, 8, 2, 16);

    @TempDir
    private Path folder;

    private TextTokenizer trained(List<String> documents, int vocabulary) throws IOException {
        int size = TokenizerTrainer.train(documents, vocabulary, folder.resolve("tokenizer"));
        NewCheckpoint.write(folder.resolve("model"), SMALL, folder.resolve("tokenizer"), 1);
        return TextTokenizer.open(folder.resolve("model"), size);
    }

    /** By hand: "ab" four times, then " c" twice and "abab" twice, of which the pair of smaller ids goes first. */
    @Test
    void theMostFrequentPairIsMergedFirst() throws IOException {
        TokenizerTrainer.train(List.of("abab c", "abab c"), 260, folder);
        JsonNode merges = new ObjectMapper()
                .readTree(folder.resolve("tokenizer.json").toFile())
                .at("/model/merges");
        assertThat(merges.toString()).isEqualTo("[[\"a\",\"b\"],[\"Ġ\",\"c\"],[\"ab\",\"ab\"]]");
    }

    @Test
    void withNothingLeftToMergeThereAreFewerTokens() {
        assertThat(TokenizerTrainer.train(List.of("ab"), 1000, folder)).isEqualTo(258);
        assertThatThrownBy(() -> TokenizerTrainer.train(List.of("ab"), 256, folder))
                .hasMessage("vocabulary is 256; it must be 257 or more: 256 bytes and the end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"the cat's cat", "  two  spaces ", "line\n\n\tend\r\n", "Größe 🐈 ẞ 漢字", "x=1;y<|z", "..."})
    void textsComeBackAsTheyWent(String text) throws IOException {
        try (TextTokenizer tokenizer = trained(List.of("the cat sat on the mat", "the end"), 270)) {
            int[] ids = tokenizer.completion(text);
            assertThat(tokenizer.decode(ids, ids.length)).isEqualTo(text);
            assertThat(tokenizer.end()).hasValue(0);
            assertThat(tokenizer.begin()).hasValue(0);
            assertThat(tokenizer.completion("a<|endoftext|>b")).hasSize(3).contains(0);
        }
    }

    /** The case's tokenizer was trained on the same documents by the library that defines the format. */
    @Test
    void thePlaysGiveTheTokensOfAnotherTrainer() throws IOException {
        Path cases = Cases.path("corpora").resolve("tinyshakespeare.txt");
        List<String> speeches = Arrays.stream(Files.readString(cases).split("\n\\s*\n", -1))
                .map(block -> block.replaceAll("^\n+|\n+$", ""))
                .filter(block -> block.matches("(?s)[^\n]+:\n.*"))
                .toList();
        TokenizerTrainer.train(speeches, 512, folder);
        ObjectMapper mapper = new ObjectMapper();
        JsonNode own = mapper.readTree(folder.resolve("tokenizer.json").toFile());
        JsonNode other = mapper.readTree(
                Cases.path("plays/prior").resolve("tokenizer.json").toFile());
        assertThat(own.at("/model/merges")).isEqualTo(other.at("/model/merges"));
        assertThat(own.at("/model/vocab")).isEqualTo(other.at("/model/vocab"));
    }

    @Test
    void aNewModelKnowsNothingYet() throws IOException {
        try (TextTokenizer tokenizer = trained(List.of("the cat sat on the mat"), 262);
                Transformer model = Checkpoint.open(folder.resolve("model")).load(Backend.shared())) {
            int[] prompt = tokenizer.prompt("the cat", BeginToken.YES);
            double uniform = -Math.log(262);
            for (double logProb : model.nextLogProbs(List.of(prompt))[0]) {
                assertThat(logProb).isBetween(uniform - 0.3, uniform + 0.3);
            }
        }
    }

    @Test
    void itsWeightsAreAFunctionOfTheSeed() throws IOException {
        TokenizerTrainer.train(List.of("the cat"), 260, folder);
        byte[][] weights = new byte[3][];
        for (int i = 0; i < 3; i++) {
            Path model = folder.resolve("model" + i);
            NewCheckpoint.write(model, SMALL, folder, i / 2);
            weights[i] = Files.readAllBytes(model.resolve("model.safetensors"));
        }
        assertThat(weights[0]).isEqualTo(weights[1]).isNotEqualTo(weights[2]);
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        assertThatThrownBy(() -> new NewCheckpoint.Sizes(1, 10, 4, 8))
                .hasMessage("width is 10; it must be a multiple of heads, 4");
        TokenizerTrainer.train(List.of("the cat"), 260, folder);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<end>\"}");
        assertThatThrownBy(() -> NewCheckpoint.write(folder.resolve("model"), SMALL, folder, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "tokenizer_config.json: field 'eos_token' is '<end>'; it must be one of the tokens");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
        assertThatThrownBy(() -> NewCheckpoint.write(folder.resolve("model"), SMALL, folder, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("field 'eos_token' is missing; documents begin and end with a token");
    }
}
