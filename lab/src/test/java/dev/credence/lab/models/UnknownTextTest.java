package dev.credence.lab.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.posteriors.Posteriors;
import dev.credence.lab.posteriors.SearchRequest;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tokenizer has no token for is not read as something else without a word. */
class UnknownTextTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeModel() throws IOException {
        TinyCheckpoint.write(folder, 7);
    }

    @Test
    void aPromptThatWouldBeReadAsTheEndOfATextIsRefused() {
        try (OpenModel model = OpenModel.open(folder.toString())) {
            assertThatThrownBy(() -> model.prompt("h😀q", BeginToken.AUTO))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("prompt is h😀q")
                    .hasMessageContaining("no token for '😀'")
                    .hasMessageContaining("<|endoftext|>");
            assertThat(model.prompt("<|endoftext|>ha", BeginToken.AUTO)).containsExactly(0, 4, 1);
            assertThat(model.prompt("", BeginToken.AUTO)).containsExactly(0);
        }
    }

    @Test
    void aCompletionWithUnknownCharactersIsNamedByThem() {
        try (OpenModel model = OpenModel.open(folder.toString())) {
            int[] prompt = model.prompt("ha", BeginToken.AUTO);

            assertThatThrownBy(() -> model.continuation(prompt, "tq", true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no token for 'q'");
            assertThat(model.continuation(prompt, "te", true).tokens()).containsExactly(3, 2, 0);
            assertThat(model.continuation(prompt, "te<|endoftext|>", true).tokens())
                    .containsExactly(3, 2, 0);
        }
    }

    @Test
    void aTokenOfItsOwnForTheUnknownMayStandInAPromptAndIsNoPartOfACompletion() throws IOException {
        Path tokenizer = folder.resolve("tokenizer.json");
        String rules = Files.readString(tokenizer);
        Files.writeString(
                tokenizer,
                rules.replace("\"h\": 4", "\"<?>\": 4")
                        .replace("\"unk_token\": \"<|endoftext|>\"", "\"unk_token\": \"<?>\""));

        try (OpenModel model = OpenModel.open(folder.toString())) {
            int[] prompt = model.prompt("aq", BeginToken.NO);

            assertThat(prompt).containsExactly(1, 4);
            assertThatThrownBy(() -> model.continuation(prompt, "h", true)).hasMessageContaining("no token for 'h'");
        }
    }

    @Test
    void anEndTokenThatTheTokenizerDoesNotKnowIsNotTheUnknownOne() throws IOException {
        assertThatThrownBy(() ->
                        OpenModel.open(folder.toString(), EndChoice.of("q")).close())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("'q', which the tokenizer has no token for");

        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"q\", \"eos_token\": \"x\"}");
        Path config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace(
                                "\"bos_token_id\": 0, \"eos_token_id\": 0",
                                "\"bos_token_id\": 1, \"eos_token_id\": 2"));
        try (OpenModel model = OpenModel.open(folder.toString())) {
            assertThat(model.prompt("", BeginToken.AUTO)).containsExactly(1);
            assertThat(model.texts().tokenizer().end()).hasValue(2);
        }
    }

    @Test
    void theNextTokenBehindUnknownCharactersIsNotAskedFor() {
        try (OpenModel model = OpenModel.open(folder.toString())) {
            ModelPrompts texts = ModelPrompts.of(model, new ModelPrompts.Extent(List.of("h"), 3, BeginToken.AUTO));

            assertThatThrownBy(() -> Posteriors.of(
                            texts,
                            PosteriorQuestion.of("0.5*count:a", 1),
                            SearchRequest.whole().nextBehind("aq"),
                            Listener.silent()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("next is aq")
                    .hasMessageContaining("no token for 'q'");
        }
    }
}
