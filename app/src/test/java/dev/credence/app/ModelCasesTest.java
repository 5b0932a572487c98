package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that other libraries made, through the command line, against what these libraries computed. */
class ModelCasesTest {
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt2-sharded-bf16", "neox", "llama3-rope", "qwen2", "qwen3"})
    void scoresAreTheOtherLibrarys(String name) throws IOException {
        Path model = CASES.resolve("checkpoints").resolve(name);
        assumeTrue(Files.isDirectory(model), "the shared cases are not there");
        JsonNode expected =
                MAPPER.readTree(model.resolve("expected.json").toFile()).get("sequences");
        StringBuilder input = new StringBuilder();
        for (JsonNode sequence : expected) {
            ObjectNode record = MAPPER.createObjectNode();
            record.set("ids", sequence.get("ids"));
            input.append(record).append('\n');
        }
        Cli run = Cli.on(Console.Face.PLAIN_FILE, input.toString(), "score", model.toString(), "-");
        Iterator<String> lines = run.exits(0).out().lines().iterator();
        for (JsonNode sequence : expected) {
            double logp = MAPPER.readTree(lines.next()).get("logp").asDouble();
            assertThat(logp).isCloseTo(sequence.get("sum_logp").asDouble(), within(1e-3));
        }
        assertThat(lines).isExhausted();
    }

    @Test
    void exactAuditOfTheLettersGivesEveryFigure() throws IOException {
        Path letters = CASES.resolve("letters");
        assumeTrue(Files.isDirectory(letters), "the shared cases are not there");
        JsonNode truth =
                MAPPER.readTree(letters.resolve("rloo-beta0.5.json").toFile()).get("prompts");
        Path prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"ha\"\n");
        Cli run = Cli.run(
                "audit",
                "--exact",
                "--horizon",
                "5",
                "--bos",
                "yes",
                "--prior",
                letters.resolve("prior").toString(),
                "--policy",
                letters.resolve("rloo-beta0.5").toString(),
                "--prompts",
                prompts.toString(),
                "--reward",
                "0.5*count:[aeiou]",
                "--beta",
                "0.5",
                "--json");
        JsonNode found = run.json("credence.audit/1").get("prompts");
        assertThat(found).hasSize(1);
        for (Map.Entry<String, JsonNode> prompt : truth.properties()) {
            if (!found.has(prompt.getKey())) {
                continue;
            }
            for (Map.Entry<String, JsonNode> figure : prompt.getValue().properties()) {
                JsonNode finding = found.get(prompt.getKey()).get("findings").get(figure.getKey());
                if (finding != null) {
                    assertThat(finding.get("estimate").asDouble())
                            .as("%s of '%s'", figure.getKey(), prompt.getKey())
                            .isCloseTo(figure.getValue().asDouble(), within(1e-4));
                }
            }
            assertThat(found.get(prompt.getKey()).get("findings").has("bayes_fraction"))
                    .isTrue();
        }
    }
}
