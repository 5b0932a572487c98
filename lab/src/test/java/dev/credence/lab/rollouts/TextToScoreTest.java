package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records and prompts that cannot be what was drawn, by file, line and field; and ends that texts hold. */
class TextToScoreTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"prompt\":\"a\",\"completion\":\"e \\ud83d\"} ; field 'completion' is half a surrogate pair",
                "{\"prompt\":\"a \\udc00\",\"completion\":\"e\"} ; field 'prompt' is half a surrogate pair",
                "{\"prompt\":\"a\",\"completion\":\"e \\ufffd\"} ; field 'completion' is a text with the replacement character",
                "{\"prompt\":\"a\",\"completion\":\"e<|endoftext|>t\"} ; the text goes on behind its end token 0 <|endoftext|>",
            })
    void whatNoModelDrewIsRefused(String record, String message) throws IOException {
        assertThatThrownBy(() -> tokens(record))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("texts.jsonl:1: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"prompt\":\"a\",\"completion\":\"et\"} ; 3",
                "{\"prompt\":\"a\",\"completion\":\"et<|endoftext|>\"} ; 3",
                "{\"prompt\":\"a\",\"completion\":\"et\",\"finished\":false} ; 2"
            })
    void theEndIsScoredOnce(String record, int tokens) throws IOException {
        assertThat(tokens(record)).hasSize(tokens);
    }

    @Test
    void promptsAreWholeCharactersAndMarksWhereALineBeginsAreNone() throws IOException {
        Path file = folder.resolve("prompts.jsonl");
        Files.writeString(file, "\"a\"\n\"half \\ud83d\"\n");
        assertThatThrownBy(() -> Prompts.read(file.toString()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prompts.jsonl:2: field 'prompt' is a text with half a surrogate pair");
        Files.writeString(file, "\uFEFF\"a\"\n\uFEFF\"t\"\n\"\\ud83d\\ude00\"\n");
        assertThat(Prompts.read(file.toString()).texts()).containsExactly("a", "t", "\uD83D\uDE00");
    }

    private int[] tokens(String record) throws IOException {
        Path texts = folder.resolve("texts.jsonl");
        Files.writeString(texts, record + "\n");
        String model = TinyCheckpoint.write(folder.resolve("model"), 1).toString();
        try (OpenModel opened = OpenModel.open(model);
                RawRecords source = RawRecords.open(texts.toString(), InputStream.nullInputStream())) {
            return new TextToScore(opened, BeginToken.AUTO)
                    .of(Objects.requireNonNull(source.next()), source)
                    .tokens();
        }
    }
}
