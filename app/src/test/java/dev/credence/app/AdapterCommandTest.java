package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.app.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters through the command line: {@code BASE+ADAPTER} wherever a model is named. */
class AdapterCommandTest {
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void scoresAreTheOtherLibrarys(String checkpoint, String adapter) throws IOException {
        Path base = CASES.resolve("checkpoints").resolve(checkpoint);
        Path made = CASES.resolve("adapters").resolve(adapter);
        assumeTrue(Files.isDirectory(base) && Files.isDirectory(made), "the shared cases are not there");
        JsonNode expected =
                MAPPER.readTree(made.resolve("expected.json").toFile()).get("sequences");
        StringBuilder input = new StringBuilder();
        for (JsonNode sequence : expected) {
            input.append("{\"ids\":").append(sequence.get("ids")).append("}\n");
        }
        Cli run = Cli.on(Console.Face.PLAIN_FILE, input.toString(), "score", base + "+" + made, "-");
        Iterator<String> lines = run.exits(0).out().lines().iterator();
        for (JsonNode sequence : expected) {
            double logp = MAPPER.readTree(lines.next()).get("logp").asDouble();
            assertThat(logp).isCloseTo(sequence.get("logp").asDouble(), within(1e-3));
        }
        assertThat(lines).isExhausted();
    }

    @Test
    void anAdapterAloneIsNoModel() {
        Path made = CASES.resolve("adapters").resolve("gpt2-lora");
        assumeTrue(Files.isDirectory(made), "the shared cases are not there");
        Cli run = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", made.toString(), "-");
        assertThat(run.exits(2).err()).contains("an adapter without its base").contains("write BASE+");
    }

    @Test
    void anAdapterThatIsNotThereIsNamed() {
        Path base = CASES.resolve("checkpoints").resolve("gpt2");
        assumeTrue(Files.isDirectory(base), "the shared cases are not there");
        Cli run = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", base + "+nowhere", "-");
        assertThat(run.exits(2).err()).contains("nowhere").contains("BASE+ADAPTER names an adapter's folder");
    }
}
