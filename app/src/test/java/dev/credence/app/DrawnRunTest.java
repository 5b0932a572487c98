package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts that an audit draws: what is kept of them when it is broken off, and what their next-token distributions say. */
class DrawnRunTest {
    private static final String REWARD = "count:[ae]";

    @TempDir
    private Path folder = Path.of("");

    private String prior = "";
    private String policy = "";
    private String prompts = "";

    @BeforeEach
    void writeModels() throws IOException {
        prior = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        policy = TinyCheckpoint.write(folder.resolve("policy"), 2).toString();
        prompts = Files.writeString(folder.resolve("prompts.txt"), "t\nha\n").toString();
    }

    private Cli audit(String log, String reward, String... more) {
        List<String> arguments = new ArrayList<>(List.of("audit", "--prior", prior, "--policy", policy));
        arguments.addAll(List.of("--prompts", prompts, "--reward", reward, "--max-new-tokens", "4", "--json"));
        arguments.addAll(List.of("--log", folder.resolve(log).toString()));
        arguments.addAll(Arrays.asList(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private static JsonNode findings(Cli run) {
        return run.json("credence.audit/1").get("findings");
    }

    /** Large models take a minute to open: what is wrong beside them is told before. */
    @Test
    void whatIsWrongWithPromptsRewardsOrRunIsToldBeforeModelsAreOpened() {
        String missing = folder.resolve("no-model").toString();
        String[] none = {"audit", "--prior", missing, "--policy", missing, "--reward", REWARD, "--max-new-tokens", "4"};
        List<String> arguments = new ArrayList<>(Arrays.asList(none));
        arguments.addAll(List.of("--prompts", folder.resolve("no-prompts.txt").toString()));
        assertThat(Cli.run(arguments.toArray(String[]::new)).exits(2).err()).contains("no-prompts.txt");
        arguments.set(arguments.size() - 1, prompts);
        assertThat(Cli.run(arguments.toArray(String[]::new)).exits(2).err()).contains("no-model");
        arguments.addAll(List.of("--candidate", "tokens"));
        assertThat(Cli.run(arguments.toArray(String[]::new)).exits(2).err()).contains("is tokens; a reward is field:");
        arguments.subList(arguments.size() - 2, arguments.size()).clear();
        arguments.addAll(List.of("--run", "a/b"));
        assertThat(Cli.run(arguments.toArray(String[]::new)).exits(2).err())
                .contains(
                        "--run is a/b; a name has letters, digits and . _ + - only; of a path it is the last part, b");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aDrawThatWasBrokenOffGoesOnAsIfItHadNot(long seed) throws IOException {
        String whole =
                findings(audit("whole.jsonl", REWARD, "--samples", "300")).toString();

        // All is drawn, and then the reward fails: the texts stay. The file is then cut at any byte, as a kill would
        // leave it.
        Cli failed = audit("cut.jsonl", "command:exit 7", "--samples", "300").exits(1);
        assertThat(failed.err()).contains("are kept beside").contains("ended with exit code 7");
        Path spool = folder.resolve("cut.jsonl.partial");
        assertThat(folder.resolve("cut.jsonl")).doesNotExist();
        try (FileChannel channel = FileChannel.open(spool, StandardOpenOption.WRITE)) {
            channel.truncate((long) (channel.size() * new SplittableRandom(seed).nextDouble()));
        }
        Cli resumed = audit("cut.jsonl", REWARD, "--samples", "300");
        assertThat(resumed.err()).contains("goes on after ");
        assertThat(findings(resumed).toString()).isEqualTo(whole);
        assertThat(folder.resolve("cut.jsonl")).hasSameTextualContentAs(folder.resolve("whole.jsonl"));
        assertThat(spool).doesNotExist();
    }

    @Test
    void otherSettingsDoNotGoOn() throws IOException {
        audit("cut.jsonl", "command:exit 7", "--samples", "20").exits(1);
        assertThat(audit("cut.jsonl", REWARD, "--samples", "21").exits(2).err())
                .contains("cut.jsonl.partial:1: field 'samples' is 21; texts were drawn into it with 20");
        assertThat(audit("cut.jsonl", REWARD, "--samples", "20", "--seed", "2")
                        .exits(2)
                        .err())
                .contains("field 'seed' is 2");
        Path spool = folder.resolve("cut.jsonl.partial");
        try (FileChannel held = FileChannel.open(spool, StandardOpenOption.WRITE)) {
            held.lock();
            assertThat(audit("cut.jsonl", REWARD, "--samples", "20").exits(2).err())
                    .contains("in use; another draw");
        }
        assertThat(audit("cut.jsonl", REWARD, "--samples", "20").err()).contains("goes on after 80 texts");
    }

    @Test
    void textsDependOnTheSeedAloneAndNotOnHowManyAreDrawn() throws IOException {
        audit("few.jsonl", REWARD, "--samples", "70");
        audit("many.jsonl", REWARD, "--samples", "700", "--draws", "700", "--precision", "1e-9");
        assertThat(texts("few.jsonl")).hasSize(70 * 4);
        assertThat(texts("many.jsonl")).hasSize(700 * 4).containsAll(texts("few.jsonl"));
    }

    private List<String> texts(String log) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(log))) {
            JsonNode record = mapper.readTree(line);
            texts.add(record.get("source").asText() + record.get("prompt") + record.get("ids"));
        }
        return texts;
    }

    @Test
    void theRaoBlackwellisedKlIsTheExactOneWithLessScatter() {
        JsonNode exact = findings(Cli.run(
                "audit",
                "--exact",
                "--horizon",
                "4",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts,
                "--reward",
                REWARD,
                "--json"));
        JsonNode found = findings(audit("log.parquet", REWARD, "--samples", "1000"));
        JsonNode kl = found.get("kl.policy_prior.rao_blackwell");
        double half = kl.get("upper").asDouble() - kl.get("estimate").asDouble();
        double truth = exact.get("kl.policy_prior").get("estimate").asDouble();
        assertThat(kl.get("estimate").asDouble()).isCloseTo(truth, within(2 * half)); // about 4 standard errors
        JsonNode plain = found.get("kl.policy_prior.sampled");
        assertThat(half)
                .isLessThan(
                        plain.get("upper").asDouble() - plain.get("estimate").asDouble());
        assertThat(found.get("kl.policy_prior.variance.ratio").get("estimate").asDouble())
                .isGreaterThan(1);
        assertThat(found.get("kl.policy_prior.variance.ratio").get("estimate").asDouble())
                .isCloseTo(
                        found.get("kl.policy_prior.variance.k1").get("estimate").asDouble()
                                / found.get("kl.policy_prior.variance.rb")
                                        .get("estimate")
                                        .asDouble(),
                        within(1e-6));
    }

    @Test
    void aLogIsGivenTheDivergencesOfThePolicyThatDrewIt() throws IOException {
        JsonNode drawn = findings(audit("drawn.jsonl", REWARD, "--samples", "100"));
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder bare = new StringBuilder();
        StringBuilder tempered = new StringBuilder();
        for (String line : Files.readAllLines(folder.resolve("drawn.jsonl"))) {
            var record = (com.fasterxml.jackson.databind.node.ObjectNode) mapper.readTree(line);
            record.remove("kl_tokens");
            bare.append(record).append('\n');
            record.put("logp_policy", 0.8 * record.get("logp_policy").asDouble());
            tempered.append(record).append('\n');
        }
        String log = Files.writeString(folder.resolve("bare.jsonl"), bare).toString();
        Cli run = Cli.run("audit", log, "--prior", prior, "--policy", policy, "--reward", REWARD, "--json");
        JsonNode kl = findings(run).get("kl.policy_prior.rao_blackwell");
        assertThat(kl.get("estimate").asDouble())
                .isCloseTo(
                        drawn.get("kl.policy_prior.rao_blackwell")
                                .get("estimate")
                                .asDouble(),
                        within(1e-5));

        String other =
                Files.writeString(folder.resolve("tempered.jsonl"), tempered).toString();
        run = Cli.run("audit", other, "--prior", prior, "--policy", policy, "--reward", REWARD, "--json");
        assertThat(run.err()).contains("the log's logp_policy differ from this policy's own by");
        assertThat(findings(run).has("kl.policy_prior.rao_blackwell")).isFalse();
    }
}
