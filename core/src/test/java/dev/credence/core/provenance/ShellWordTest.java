package dev.credence.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordTest {
    @Test
    void aShellReadsTheWordAndNothingElse() throws IOException {
        assertThat(ShellWord.of("runs/rloo-0.1")).isEqualTo("runs/rloo-0.1");
        for (String word :
                List.of("a b", "$(echo x)", "`id`", "it's", "a\\b", "\"", "two\nlines", "*", "", ";id", "é")) {
            Process shell = new ProcessBuilder("sh", "-c", "printf %s " + ShellWord.of(word)).start();
            assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(word);
        }
    }
}
