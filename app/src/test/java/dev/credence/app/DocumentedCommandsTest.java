package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.app.DocumentedSteps.Step;
import dev.credence.app.DocumentedSteps.Typed;
import dev.credence.app.console.Console;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Every command that a document shows in a block of code can be typed: its words are read, nothing is run. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @Test
    void theyAreReadByTheCommandLine() throws IOException {
        assumeTrue(Files.exists(ROOT.resolve("docs")), "no documents beside the modules");
        List<String> wrong = new ArrayList<>();
        CommandLine line = line();
        int read = 0;
        for (Path document : DocumentedSteps.documents(ROOT)) {
            for (Step step : DocumentedSteps.of(Files.readString(document), Map.of())) {
                if (step instanceof Typed command) {
                    read++;
                    try {
                        line.parseArgs(command.words().toArray(String[]::new));
                    } catch (ParameterException e) {
                        wrong.add(document.getFileName() + ": " + command.line() + ": " + e.getMessage());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(read).isGreaterThan(80);
    }

    @Test
    void whatTheCommandLineDoesNotKnowIsFound() {
        List<String> words = DocumentedSteps.words("audit log.jsonl --no-such-option 1   # said");
        assertThat(words).containsExactly("audit", "log.jsonl", "--no-such-option", "1");
        assertThat(DocumentedSteps.words("sample M --prompt $'ROMEO:\\n' -n 5 | head"))
                .containsExactly("sample", "M", "--prompt", "ROMEO:\n", "-n", "5");
        assertThat(DocumentedSteps.words("audit M --reward \"min(1,count:(?i)a|b)\" -o x.html && echo"))
                .containsExactly("audit", "M", "--reward", "min(1,count:(?i)a|b)", "-o", "x.html");
        assertThatThrownBy(() -> line().parseArgs(words.toArray(String[]::new)))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--no-such-option");
    }

    private static CommandLine line() {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Console.Face face = Console.Face.of(false, false, StandardCharsets.UTF_8);
        return Main.commandLine(new Console(new ByteArrayInputStream(new byte[0]), nowhere, nowhere, face));
    }
}
