package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.app.Main;
import dev.credence.app.console.Console;
import dev.credence.lab.audits.RecordedLogs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documents' commands on Spark, run on this machine: the reader's cluster and store are local ones. */
class SparkDocumentsTest {
    private static final Path DOCS = Path.of("../docs");
    private static final Pattern COMMAND =
            Pattern.compile("^\\./credence ((?:audit|sweep) [^#\\n]*--engine spark[^#\\n]*)", Pattern.MULTILINE);

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void whatAReaderHas() throws IOException {
        RecordedLogs.spread(folder.resolve("rollouts"), 2, 1, 60);
        Files.writeString(folder.resolve("sweep.yaml"), "experiment: sft-copies\nflow: 1\ngrid: {copies: [1, 2]}\n");
    }

    private static List<String> commands() throws IOException {
        try (Stream<Path> pages = Files.list(DOCS)) {
            StringBuilder text = new StringBuilder();
            for (Path page : pages.filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                text.append(Files.readString(page)).append('\n');
            }
            return COMMAND.matcher(text)
                    .results()
                    .map(found -> found.group(1).strip())
                    .filter(line -> !line.contains("…") && !line.contains("DIR"))
                    .toList();
        }
    }

    /** As it is typed, but for the places: those of this test. */
    private static List<String> here(String line) {
        String here = line.replaceAll("--master \\S+", Matcher.quoteReplacement("--master local[2]"))
                .replaceAll("--parallel \\d+", "--parallel 2")
                .replaceAll(
                        "hdfs://store/rollouts|rollouts/",
                        Matcher.quoteReplacement(folder.resolve("rollouts").toString()))
                .replace("sweep.yaml", folder.resolve("sweep.yaml").toString());
        String out = here.startsWith("sweep") ? here + " -o " + folder.resolve("swept") : here;
        return List.of(out.split(" +"));
    }

    @Test
    void everyOneOfThemIsDone() throws IOException {
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(4);
        for (String line : commands) {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
            Console console = new Console(InputStream.nullInputStream(), out, out, Console.Face.PLAIN_FILE);
            int code = Main.run(here(line).toArray(String[]::new), console);
            assertThat(List.of(0, 3, 4))
                    .as("%s: %s", line, said.toString(StandardCharsets.UTF_8))
                    .contains(code);
        }
        assertThat(folder.resolve("swept/cells.csv")).content().contains("copies", "natural");
    }
}
