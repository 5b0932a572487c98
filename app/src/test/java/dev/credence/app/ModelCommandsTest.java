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
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on checkpoint folders, on two small random models. */
class ModelCommandsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String REWARD = "0.5*count:[ae]";

    @TempDir
    private static Path models = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static String prior = "";
    private static String policy = "";

    @BeforeAll
    static void writeModels() throws IOException {
        prior = TinyCheckpoint.write(models.resolve("prior"), 1).toString();
        policy = TinyCheckpoint.write(models.resolve("policy"), 2).toString();
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

    @Test
    void exactAuditIsWhatASampledOneEstimates() throws IOException {
        Cli exact = Cli.run(
                "audit",
                "--exact",
                "--horizon",
                "4",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts(),
                "--reward",
                REWARD,
                "--beta",
                "0.5",
                "--json");
        JsonNode truth = exact.json("credence.audit/1").get("findings");
        assertThat(truth.get("kl.policy_prior").get("grade").asText()).isEqualTo("exact");
        double parts = truth.get("kl.explained").get("estimate").asDouble()
                + truth.get("kl.departure").get("estimate").asDouble();
        assertThat(truth.get("kl.policy_prior").get("estimate").asDouble()).isCloseTo(parts, within(1e-6));

        String log = folder.resolve("drawn.parquet").toString();
        Cli sampled = Cli.run(
                "audit",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts(),
                "--reward",
                REWARD,
                "--beta",
                "0.5",
                "--samples",
                "2000",
                "--max-new-tokens",
                "4",
                "--log",
                log,
                "--json");
        JsonNode findings = sampled.json("credence.audit/1").get("findings");
        for (String id : List.of(
                "kl.policy_prior",
                "kl.prior_policy",
                "bayes_fraction",
                "reward.prior",
                "reward.policy",
                "entropy.policy")) {
            JsonNode finding = findings.get(id);
            double margin =
                    finding.get("upper").asDouble() - finding.get("lower").asDouble(); // 4 standard errors about
            assertThat(finding.get("estimate").asDouble())
                    .as(id)
                    .isCloseTo(truth.get(id).get("estimate").asDouble(), within(margin));
        }
        JsonNode again = Cli.run("audit", log, "--beta", "0.5", "--json").json("credence.audit/1");
        assertThat(again.get("findings")).as("the log that was kept").isEqualTo(findings);
    }

    @Test
    void drawingStopsAtTheWantedPrecision() throws IOException {
        Cli run = Cli.run(
                "audit",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts(),
                "--reward",
                REWARD,
                "--beta",
                "0.5",
                "--samples",
                "100000",
                "--max-new-tokens",
                "4",
                "--precision",
                "0.3",
                "--log",
                folder.resolve("drawn.jsonl").toString(),
                "--json");
        JsonNode finding = run.json("credence.audit/1").get("findings").get("bayes_fraction");
        assertThat(run.err()).contains("known to the wanted precision");
        assertThat(finding.get("upper").asDouble() - finding.get("lower").asDouble())
                .isLessThan(0.3);
    }

    @Test
    void aLogWithoutLogProbabilitiesOrPriorDrawsIsCompleted() throws IOException {
        String drawn = folder.resolve("drawn.jsonl").toString();
        Cli.run(
                "audit",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts(),
                "--reward",
                REWARD,
                "--samples",
                "50",
                "--max-new-tokens",
                "4",
                "--log",
                drawn,
                "--quiet");
        List<String> bare = new ArrayList<>();
        List<JsonNode> policyDraws = new ArrayList<>();
        for (JsonNode record : lines(Files.readString(Path.of(drawn)))) {
            if (record.get("source").asText().equals("policy")) {
                policyDraws.add(record.deepCopy());
                ObjectNode rest = ((ObjectNode) record).put("note", "kept");
                rest.remove(List.of("logp_prior", "logp_policy", "ids", "reward"));
                bare.add(rest.toString());
            }
        }
        String log = file("bare.jsonl", String.join("\n", bare) + "\n");
        Cli run = Cli.run("audit", log, "--prior", prior, "--policy", policy, "--reward", REWARD, "--json");
        run.json("credence.audit/1");
        assertThat(run.err()).contains("computed 200 log-probabilities, drew 100 texts");
        List<JsonNode> completed = lines(Files.readString(folder.resolve("bare.completed.jsonl")));
        assertThat(completed).hasSize(200);
        for (int i = 0; i < policyDraws.size(); i++) {
            assertThat(completed.get(i).get("note").asText()).isEqualTo("kept");
            for (String field : List.of("logp_prior", "logp_policy")) {
                double expected = policyDraws.get(i).get(field).asDouble();
                assertThat(completed.get(i).get(field).asDouble()).as(field).isCloseTo(expected, within(1e-4));
            }
        }
        assertThat(completed.subList(100, 200))
                .allSatisfy(record -> assertThat(record.get("source").asText()).isEqualTo("prior"));
    }

    @Test
    void aTextThatNoTokensOfItsNumberSpellIsRefused() throws IOException {
        String log = file(
                "log.jsonl", "{\"prompt\": \"t\", \"completion\": \"ae\", \"tokens\": 5, \"source\": \"prior\"}\n");
        assertThat(Cli.run("audit", log, "--prior", prior, "--policy", policy, "--reward", REWARD)
                        .exits(2)
                        .err())
                .contains(
                        "log.jsonl:1: field 'completion' is a text that no tokens of its model spell, or none of the number");
    }

    @Test
    void posteriorOfAModelIsPriorTimesLikelihood() {
        Cli run = Cli.run(
                "posterior", prior, "--prompt", "t", "--horizon", "3", "--reward", REWARD, "--beta", "0.5", "--json");
        JsonNode prompt = run.json("credence.posterior/1").get("prompts").get("t");
        double logZ = prompt.get("findings").get("log_z").get("estimate").asDouble();
        assertThat(prompt.get("count").asInt()).isEqualTo(1 + 4 + 4 * 4 + 4 * 4 * 4);
        double total = 0;
        Iterator<String> names = prompt.get("outcomes").fieldNames();
        while (names.hasNext()) {
            String name = names.next();
            JsonNode outcome = prompt.get("outcomes").get(name);
            double vowels = name.chars().filter(c -> "ae".indexOf(c) >= 0).count();
            double expected = outcome.get("prior").asDouble() * Math.exp(vowels - logZ);
            assertThat(outcome.get("posterior").asDouble()).as(name).isCloseTo(expected, within(1e-9));
            total += outcome.get("posterior").asDouble();
        }
        assertThat(total).isCloseTo(1, within(1e-9));
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
            audit --prior nowhere --policy PRIOR --prompts PROMPTS                | nowhere: no such folder; a model is
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

    @Test
    void modelsOfOtherTokensAreRefused() throws IOException {
        Path other = TinyCheckpoint.write(folder.resolve("other"), 3);
        Path tokens = other.resolve("tokenizer.json");
        Files.writeString(tokens, Files.readString(tokens).replace("\"t\": 3, \"h\": 4", "\"h\": 3, \"t\": 4"));
        Cli run = Cli.run(
                "audit", "--prior", prior, "--policy", other.toString(), "--prompts", prompts(), "--reward", "length");
        assertThat(run.exits(2).err())
                .contains("prior and policy must have the same tokens; token 3 is not the prior's 't'");
    }
}
