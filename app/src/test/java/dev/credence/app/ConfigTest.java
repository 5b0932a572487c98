package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.console.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** {@code --config} and {@code --print-config} of every command. */
class ConfigTest {
    @TempDir
    private Path folder = Path.of("");

    static Stream<String> commands() {
        return Main.commandLine(
                        new Console(InputStream.nullInputStream(), System.out, System.err, Console.Face.PLAIN_FILE))
                .getSubcommands()
                .values()
                .stream()
                .filter(command -> command.getSubcommands().isEmpty())
                .map(CommandLine::getCommandName)
                .filter(name -> !name.equals("bench"));
    }

    /** Without what the command cannot do without, too. */
    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandPrintsAFileThatItReads(String command) throws IOException {
        Cli printed = Cli.run(command, "--seed", "7", "--print-config").exits(0);
        assertThat(printed.out().lines()).contains("seed: 7", "# verbose: false");
        Path file = Files.writeString(folder.resolve("c.yaml"), printed.out());
        Cli again = Cli.run(command, "--config", file.toString(), "--quiet", "--print-config");
        if (command.equals("train")) { // its file is of its settings alone, and read by itself
            return;
        }
        assertThat(again.exits(0).out().lines()).contains("seed: 7", "quiet: true", "# verbose: false");
    }

    /** An option that must be given may be in the file; what is typed wins; the file is among the inputs. */
    @Test
    void theFileIsAsIfItWereTyped() throws IOException {
        String file = Files.writeString(
                        folder.resolve("c.yaml"),
                        Cli.run("condition", "-m", "tilt,rejection", "--beta", "0.5", "--print-config")
                                .exits(0)
                                .out())
                .toString();
        JsonNode typed = Cli.run("condition", "t1", "-m", "tilt,rejection", "--beta", "0.25", "--json")
                .exits(0)
                .json("credence.condition/1");
        JsonNode read = Cli.run("condition", "t1", "--config", file, "--beta", "0.25", "--json")
                .exits(0)
                .json("credence.condition/1");
        assertThat(read.get("methods").size()).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            assertThat(read.get("methods").get(i).get("got"))
                    .isEqualTo(typed.get("methods").get(i).get("got"));
        }
        assertThat(read.findValuesAsText("name")).contains(file);
        assertThat(typed.findValuesAsText("name")).doesNotContain(file);
    }

    @Test
    void anOptionWithoutItsValueIsTrue() throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), "json: true\nbeta: 0.5\n");
        Cli.run("posterior", "t1", "--config", file.toString()).exits(0).json("credence.posterior/1");
        assertThat(folder.resolve("true")).doesNotExist();
        Files.writeString(file, "json: false\nbeta: 0.5\n");
        assertThat(Cli.run("posterior", "t1", "--config", file.toString())
                        .exits(0)
                        .out())
                .doesNotStartWith("{");
    }

    @Test
    void pathsAndTextsAreWrittenSoThatTheyAreReadAlike() {
        List<String> lines = Cli.run(
                        "audit", "--reward", "warm=regex:\"a: b\"", "--json", "--log", "x/l.jsonl", "--print-config")
                .exits(0)
                .out()
                .lines()
                .toList();
        assertThat(lines)
                .contains(
                        "json: \"-\"",
                        "reward: \"warm=regex:\\\"a: b\\\"\"",
                        "log: " + Path.of("x/l.jsonl").toAbsolutePath());
    }

    @Test
    void aWrongFileIsRefusedByItsLine() throws IOException {
        String file =
                Files.writeString(folder.resolve("c.yaml"), "seed: 1\nbta: 2\n").toString();
        assertThat(Cli.run("posterior", "t1", "--config", file).exits(2).err())
                .startsWith("credence: " + file + ":2: field 'bta' is unknown; did you mean 'beta'?");
        Files.writeString(folder.resolve("c.yaml"), "beta: much\n");
        assertThat(Cli.run("posterior", "t1", "--config", file).exits(2).err()).contains(":1: field 'beta' is much");
        Files.writeString(folder.resolve("c.yaml"), "beta: -1\n");
        assertThat(Cli.run("posterior", "t1", "--config", file).exits(2).err()).contains(":1: field 'beta' is -1");
        assertThat(Cli.run("posterior", "t1", "--config", file, "--beta", "-2")
                        .exits(2)
                        .err())
                .contains("option --beta is -2");
        assertThat(Cli.run("posterior", "t1", "--config", "no.yaml").exits(2).err())
                .contains("no.yaml: no such file");
    }
}
