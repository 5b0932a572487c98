package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.data.rollouts.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps of trainers, as they come. */
class DumpCommandTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path CASES = Path.of("../../shared/cases");

    @TempDir
    private Path folder = Path.of("");

    private static Path cases(String name) {
        Path path = CASES.resolve(name);
        assumeTrue(Files.exists(path), "the shared cases are not there: " + name);
        return path;
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private Cli audit(Path dump, String format, Path prior, String... more) {
        List<String> command = new ArrayList<>(
                List.of("audit", dump.toString(), "--format", format, "--prior", prior.toString(), "--json"));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    /** By its options; what they ask for is tested in the library. */
    @Test
    void whatTrlWritesIsAudited() throws IOException {
        Path dumps = cases("reports/trl-dumps");
        Path log = folder.resolve("log.jsonl");
        Cli run = audit(
                dumps.resolve("plain").resolve("completions"),
                "trl",
                dumps.resolve("base"),
                "--policy",
                dumps.resolve("plain").resolve("final").toString(),
                "--step",
                "last",
                "--field",
                "reward=vowels",
                "--reward",
                "count:[aeiou]",
                "--log",
                log.toString());
        JsonNode report = run.json("credence.audit/1");
        assertThat(report.toString()).contains("8 were cut at 6 tokens");
        assertThat(run.err())
                .contains("assumed: step 3: 0 texts ended and 8 were cut at 6 tokens")
                .contains("trainers write a step's texts before its update")
                .doesNotContain("another than the log's own");
        List<JsonNode> records = lines(log);
        assertThat(records).hasSize(16).allSatisfy(record -> {
            assertThat(record.path("prompt").asText()).isEqualTo("tea?");
            assertThat(record.path("step").asInt()).isEqualTo(3);
            assertThat(record.path("ids")).hasSizeLessThanOrEqualTo(6);
        });
        Cli others = audit(
                dumps.resolve("plain").resolve("completions"),
                "trl",
                dumps.resolve("base"),
                "--policy",
                dumps.resolve("plain").resolve("final").toString(),
                "--reward",
                "length");
        assertThat(others.exits(2).err()).contains("the log has 3 steps, 1 to 3, and a policy for each");
    }

    @Test
    void theRecorderOfTheDocumentWritesTheContractsFields() throws IOException {
        String document = Files.readString(Path.of("../docs/recording.md"));
        String code = document.substring(document.indexOf("```python"), document.indexOf("```\n\n```python"));
        Set<String> written = new HashSet<>();
        Matcher matcher = Pattern.compile("\"([a-z_]+)\":").matcher(code);
        while (matcher.find()) {
            written.add(matcher.group(1));
        }
        Set<String> known = new HashSet<>(Set.of("ids")); // read by what scores a log
        for (Field field : Field.values()) {
            known.add(field.key());
        }
        assertThat(known).containsAll(written);
        assertThat(written)
                .contains(
                        "prompt",
                        "completion",
                        "ids",
                        "finished",
                        "reward",
                        "source",
                        "logp_prior",
                        "logp_policy",
                        "step");
    }
}
