package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on checkpoint folders, on a small random model. */
class ModelCommandsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private static Path models = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static String prior = "";

    @BeforeAll
    static void writeModels() throws IOException {
        prior = TinyCheckpoint.write(models.resolve("prior"), 1).toString();
    }

    private static List<JsonNode> lines(String text) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private String prompts() throws IOException {
        return file("prompts.jsonl", "\"\"\n{\"prompt\": \"th\", \"prompt_weight\": 1}\n");
    }

    @Test
    void scoreAndSampleAgree() throws IOException {
        Cli drawn = Cli.run("sample", prior, "--prompt", "th", "--prompt", "", "-n", "40", "--max-new-tokens", "4");
        String texts = drawn.exits(0).out();
        List<JsonNode> samples = lines(texts);
        assertThat(samples).hasSize(80);
        List<JsonNode> scores = lines(Cli.on(Console.Face.PLAIN_FILE, texts, "score", prior, "-")
                .exits(0)
                .out());
        for (int i = 0; i < samples.size(); i++) {
            JsonNode sample = samples.get(i);
            for (String field : List.of("prompt", "completion", "finished", "ids")) {
                assertThat(scores.get(i).get(field)).as("which text it is").isEqualTo(sample.get(field));
            }
            assertThat(scores.get(i).get("logp").asDouble())
                    .isCloseTo(sample.get("logp").asDouble(), within(1e-4));
            assertThat(sample.get("sampled_logp").asDouble())
                    .isEqualTo(sample.get("logp").asDouble());
        }
        List<ObjectNode> again = new ArrayList<>();
        samples.forEach(sample -> again.add(((ObjectNode) sample).without(List.of("ids"))));
        String byText = String.join("\n", again.stream().map(JsonNode::toString).toList());
        List<JsonNode> rescored = lines(Cli.on(Console.Face.PLAIN_FILE, byText, "score", prior, "-")
                .exits(0)
                .out());
        scores.forEach(score -> ((ObjectNode) score).remove("ids"));
        assertThat(rescored).as("a text is one token a letter here").isEqualTo(scores);
    }

    @Test
    void temperedSamplesTellBothProbabilities() throws IOException {
        String[] command = {
            "sample",
            prior,
            "--prompt",
            "t",
            "-n",
            "20",
            "--max-new-tokens",
            "4",
            "--temperature",
            "0.5",
            "--top-k",
            "3"
        };
        String first = Cli.run(command).exits(0).out();
        assertThat(Cli.run(command).out()).as("the same seed").isEqualTo(first);
        assertThat(lines(first))
                .anySatisfy(sample -> assertThat(sample.get("sampled_logp").asDouble())
                        .isGreaterThan(sample.get("logp").asDouble() + 0.1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"prompt": "t"}                                         | :2: field 'completion' is missing
            {"completion": "t"}                                     | :2: field 'prompt' is missing; a record has
            {"ids": []}                                             | :2: field 'ids' is []; the first id is given
            {"ids": [0, 9]}                                         | token 0 is 9; ids are in [0, 5)
            {"ids": [0, 1.5]}                                       | :2: field 'ids' is 1.5; a token id is a whole number
            {"prompt": "t", "completion": "e", "finished": "no"}    | :2: field 'finished' is "no"; it is true or false
            {"prompt": "t", "completion": "etheathethe"}            | the model's context window is 8
            {"prompt": "t"                                          | :2: broken JSON
            [1]                                                     | :2: no JSON object
            """)
    void badRecordsNameTheLine(String record, String message) throws IOException {
        String file = file("texts.jsonl", "{\"prompt\": \"t\", \"completion\": \"a\"}\n" + record + "\n");
        assertThat(Cli.run("score", prior, file).exits(2).err()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            audit --prior PRIOR                                                   | option --prompts is missing
            audit --prior PRIOR --prompts PROMPTS                                 | option --policy is missing
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS                  | option --reward is missing
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --exact          | option --horizon is missing
            audit --samples 5 log.jsonl                                           | option --samples is 5; it is about models
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --samples 0      | option --samples is 0
            audit --bridge PRIOR log.jsonl                                        | it is about models
            audit --prior PRIOR --policy PRIOR --bridge PRIOR log.jsonl           | it is drawn from and scores for a new log
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --exact --horizon 2 --bridge PRIOR | it is drawn from and
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --reward length --bridge nowhere | nowhere: no such folder
            audit --tilts 2 log.jsonl                                             | it is about models
            audit --prior PRIOR --policy PRIOR --tilts 2,3 log.jsonl              | option --tilts is 2.0,3.0; they are drawn
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --tilts 2,2      | each is a finite number other than 0, once
            audit --prior PRIOR --policy PRIOR --prompts PROMPTS --tilts 2 --bridge PRIOR | that of a tilt is not known
            audit --prior nowhere --policy PRIOR --prompts PROMPTS --reward length | nowhere: no such folder; a model is
            audit --prior PRIOR --policy PRIOR --prompts nowhere --reward length  | nowhere: no such file; it holds a prompt
            sample PRIOR                                                          | option --prompt is missing
            sample PRIOR --prompt t --temperature 0                               | option --temperature is 0.0
            sample PRIOR --prompt t --max-new-tokens 9                            | context window is 8
            sample PRIOR --prompt t --bos maybe                                   | 'maybe' is none of auto, yes, no
            posterior PRIOR --prompt t --reward length                            | option --horizon is missing
            posterior PRIOR --horizon 2 --reward length                           | option --prompt is missing
            posterior t1 --horizon 2                                              | it is about a model's checkpoint folder
            """)
    void badArgumentsAreRefused(String command, String message) throws IOException {
        String typed = command.replace("PRIOR", prior).replace("PROMPTS", prompts());
        assertThat(Cli.run(typed.split(" ")).exits(2).err()).contains(message);
    }
}
