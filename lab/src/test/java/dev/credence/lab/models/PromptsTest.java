package dev.credence.lab.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptsTest {
    @TempDir
    Path folder;

    private Prompts read(String text) throws IOException {
        Path file = folder.resolve("prompts.txt");
        Files.writeString(file, text);
        return Prompts.read(file.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'\"\"\nabc\nd\n', 1, '\"\" among plain texts'",
        "'abc\n\nd\n', 2, an empty line",
        "'abc\nd\n   \ne', 3, an empty line"
    })
    void aLineThatIsNoPlainPromptIsRefusedByItsNumber(String text, int line, String what) {
        assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prompts.txt:" + line + ": field 'prompt' is " + what);
    }

    @Test
    void emptyLinesAtTheEndAndBetweenJsonAreNoPrompts() throws IOException {
        assertThat(read("abc\nd\n\n\n").texts()).containsExactly("abc", "d");
        assertThat(read("\"\"\n\n{\"prompt\":\"d\"}\n").texts()).containsExactly("", "d");
    }
}
