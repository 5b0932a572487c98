package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.app.console.Console;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Every command that a document shows in a block of code can be typed: its words are read, nothing is run. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern BLOCK = Pattern.compile("^```[a-z]*\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    /** Quoted or bare; a comment, a pipe or a redirection ends the command. */
    private static final Pattern WORD =
            Pattern.compile("\\G\\s*((?:\\$?'[^']*'|\"[^\"]*\"|\\\\ |[^\\s'\"|><#&;]|(?<=\\S)#)+)");

    @Test
    void theyAreReadByTheCommandLine() throws IOException {
        assumeTrue(Files.exists(ROOT.resolve("docs")), "no documents beside the modules");
        List<String> wrong = new ArrayList<>();
        CommandLine line = line();
        int read = 0;
        for (Path document : documents()) {
            Matcher block = BLOCK.matcher(Files.readString(document));
            while (block.find()) {
                for (String command : commands(block.group(1))) {
                    List<String> words = words(command);
                    read++;
                    try {
                        line.parseArgs(words.toArray(String[]::new));
                    } catch (ParameterException e) {
                        wrong.add(document.getFileName() + ": " + command + ": " + e.getMessage());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(read).isGreaterThan(80);
    }

    @Test
    void whatTheCommandLineDoesNotKnowIsFound() {
        List<String> words = words("audit log.jsonl --no-such-option 1   # said");
        assertThat(words).containsExactly("audit", "log.jsonl", "--no-such-option", "1");
        assertThat(words("sample M --prompt $'ROMEO:\\n' -n 5 | head"))
                .containsExactly("sample", "M", "--prompt", "ROMEO:\\n", "-n", "5");
        assertThat(words("audit M --reward \"min(1,count:(?i)a|b)\" -o x.html && echo"))
                .containsExactly("audit", "M", "--reward", "min(1,count:(?i)a|b)", "-o", "x.html");
        assertThatThrownBy(() -> line().parseArgs(words.toArray(String[]::new)))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--no-such-option");
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> commands(String block) {
        String joined = block.replaceAll("\\\\\\R\\s*", " ");
        return joined.lines()
                .map(line -> line.replaceFirst("^\\$ ", ""))
                .filter(line -> line.matches("(?:\\./|\\.\\./\\.\\./)?credence\\s+[a-z].*"))
                .map(line -> line.replaceFirst("^\\S+\\s+", ""))
                .filter(line -> !line.startsWith("bench ")
                        && !line.contains("…")
                        && !line.contains("...")
                        && !line.contains(" [")) // the last two are outlines
                .toList();
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(word.group(1).replaceAll("\\$?'([^']*)'|\"([^\"]*)\"", "$1$2"));
        }
        return words;
    }

    private static CommandLine line() {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Console.Face face = Console.Face.of(false, false, StandardCharsets.UTF_8);
        return Main.commandLine(new Console(new ByteArrayInputStream(new byte[0]), nowhere, nowhere, face));
    }
}
