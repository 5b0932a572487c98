package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of docs/index.md on its table: its commands are run, and come to the figures that it states. */
class TutorialTest {
    private static final Path INDEX =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("index.md");

    @TempDir
    private static Path folder = Path.of("");

    private static String index = "";

    @BeforeAll
    static void writeTheTable() throws IOException {
        assumeTrue(Files.exists(INDEX), "no documents beside the modules");
        index = Files.readString(INDEX);
        Matcher yaml = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(index);
        assertThat(yaml.find()).isTrue();
        Files.writeString(folder.resolve("world.yaml"), yaml.group(1));
    }

    /** The command of the document that begins so, on this test's copy of the table. */
    private static JsonNode run(String begin, String schema) {
        List<String> commands = index.lines()
                .filter(line -> line.startsWith("./credence " + begin))
                .toList();
        assertThat(commands).as(begin).hasSize(1);
        String[] words = commands.get(0).replaceFirst("^\\./credence ", "").split(" ");
        Stream<String> here = Arrays.stream(words)
                .map(word -> word.equals("world.yaml") ? folder.resolve(word).toString() : word);
        return Cli.run(Stream.concat(here, Stream.of("--json")).toArray(String[]::new))
                .exits(0)
                .json(schema);
    }

    /** Three significant digits, as the document writes numbers. */
    private static String written(JsonNode finding) {
        double value = finding.get("estimate").asDouble();
        return String.format(Locale.ROOT, value < 1 ? "%.3f" : "%.2f", value).replaceFirst("^0", "");
    }

    @Test
    void theTableIsAuditedToTheFiguresStated() {
        JsonNode found = run("audit world.yaml", "credence.audit/1").get("findings");
        assertThat(index)
                .contains("moved " + written(found.get("kl.policy_prior")) + " nats")
                .contains("; " + written(found.get("kl.explained")) + " of them are conditioning")
                .contains(", " + written(found.get("kl.departure")) + " are departure")
                .contains("the Bayes fraction is " + written(found.get("bayes_fraction")));
        String copies = Stream.of("moment_match", "self_consistent", "prior_slope", "policy_slope", "mixture_slope")
                .map(name -> written(found.get("copies." + name)))
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
        assertThat(index).contains("numbers of copies (" + copies + ")");
    }

    @Test
    void theMethodsComeToTheFractionsStated() {
        JsonNode methods = run("condition world.yaml", "credence.condition/1").get("methods");
        assertThat(methods.at("/0/got/bayes_fraction/estimate").asDouble()).isCloseTo(1, within(1e-6));
        assertThat(index)
                .contains("RLOO is the posterior (Bayes fraction 1)")
                .contains("GRPO (" + written(methods.at("/1/got/bayes_fraction")) + ")")
                .contains("best-of-4 (" + written(methods.at("/2/got/bayes_fraction")) + ")");
    }
}
