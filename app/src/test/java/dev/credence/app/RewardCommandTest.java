package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reward model from the command line: learned, judged, scored with, named as a reward. */
class RewardCommandTest {
    private static final String[] SMALL = (" --vocabulary=260 --layers=1 --width=16 --heads=2 --context=16 --steps=30"
                    + " --batch=8 --lr=0.01 --warmup=2")
            .strip()
            .split(" ", -1);

    @TempDir
    private Path folder;

    private Path pairs = Path.of("");

    @BeforeEach
    void writePairs() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String good = "good " + i % 7;
            String bad = "bad " + i % 5;
            lines.add("{\"prompt\":\"p\",\"chosen\":\"" + good + "\",\"rejected\":\"" + bad + "\"}");
        }
        pairs = Files.write(folder.resolve("pairs.jsonl"), lines);
    }

    private Cli learn(Path into, String... more) {
        List<String> arguments = new ArrayList<>(List.of("reward", pairs.toString(), "-o", into.toString()));
        arguments.addAll(List.of(SMALL));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    @Test
    void whatIsLearnedScoresAndIsAReward() throws IOException {
        Path model = folder.resolve("model");
        JsonNode learned = learn(model, "--kind=pairs", "--json").exits(0).json("credence.reward/1");
        assertThat(learned.path("learned").asInt()).isEqualTo(54);
        assertThat(learned.path("findings").path("accuracy").path("estimate").asDouble())
                .isEqualTo(1);
        assertThat(learned.path("findings").path("accuracy").path("lower").asDouble())
                .isLessThan(0.7);
        assertThat(learned.path("provenance").path("settings").path("kind").asText())
                .isEqualTo("pairs");
        assertThat(model.resolve("report.html")).content().contains("reliability", "held-out pairs");
        assertThat(model.resolve("outputs.json")).content().contains("\"json\" : \"-\"");

        Path page = folder.resolve("page.html");
        Cli judged = Cli.run("reward", model.toString(), "--evaluate", pairs.toString(), "-o", page.toString())
                .exits(0);
        assertThat(judged.out()).contains("accuracy", "log_loss", "calibration", "Of 60 held-out pairs");
        assertThat(page).content().contains("probability foretold");
        JsonNode rows = Cli.run("reward", model.toString(), "--evaluate", pairs.toString(), "--json")
                .exits(0)
                .json("credence.reward-evaluation/1")
                .path("reliability");
        assertThat(rows.size()).isPositive();
        assertThat(rows.get(0).has("foretold")).isTrue();

        Path texts = Files.writeString(
                folder.resolve("texts.jsonl"),
                "{\"prompt\":\"p\",\"completion\":\"good 1\"}\n{\"prompt\":\"p\",\"completion\":\"bad 1\"}\n");
        String[] scored = Cli.run("score", model.toString(), texts.toString())
                .exits(0)
                .out()
                .split("\n", -1);
        assertThat(score(scored[0])).isGreaterThan(score(scored[1]));
        assertThat(scored[0]).contains("\"score\"").doesNotContain("logp");

        Path world =
                Files.writeString(folder.resolve("world.yaml"), "prompts: {p: {prior: {good 1: 0.5, bad 1: 0.5}}}\n");
        String reward = "model:" + model;
        JsonNode posterior = Cli.run("posterior", world.toString(), "--reward", reward, "--beta", "1", "--json")
                .exits(0)
                .json("credence.posterior/1");
        double odds = posterior.at("/prompts/p/outcomes/good 1/posterior").asDouble()
                / posterior.at("/prompts/p/outcomes/bad 1/posterior").asDouble();
        assertThat(Math.log(odds)).isCloseTo(score(scored[0]) - score(scored[1]), within(1e-5));
        assertThat(Cli.run("posterior", world.toString(), "--reward", reward, "--beta", "0.5")
                        .exits(0)
                        .out())
                .contains("2 successive rounds of Luce's choice")
                .contains("not 2 observations");
        Path log = Files.writeString(
                folder.resolve("log.jsonl"),
                "{\"prompt\":\"p\",\"completion\":\"good 1\",\"logp_prior\":-1,\"logp_policy\":-0.5,\"source\":\"prior\"}\n"
                                .repeat(20)
                        + "{\"prompt\":\"p\",\"completion\":\"bad 1\",\"logp_prior\":-1,\"logp_policy\":-1.7,\"source\":\"policy\"}\n"
                                .repeat(20));
        Cli audited = Cli.run("audit", log.toString(), "--reward", "mean(" + reward + "," + reward + ")", "--json");
        assertThat(audited.code()).isIn(0, 3);
        assertThat(audited.json("credence.audit/1").path("findings").size()).isPositive();

        Cli.run("sample", model.toString(), "--prompt", "p", "-n", "1").exits(2);
        assertThat(Cli.run("sample", model.toString(), "--prompt", "p", "-n", "1")
                        .err())
                .contains("a reward model scores texts and foretells no token");
    }

    private static double score(String line) throws IOException {
        return new ObjectMapper().readTree(line).path("score").asDouble();
    }

    @Test
    void badInputIsNamedAndWritesNothing() throws IOException {
        Path model = folder.resolve("model");
        assertThat(learn(model, "--kind=stars").exits(2).err())
                .contains("option --kind is stars; it is one of pairs, approvals, probabilities");
        assertThat(learn(model, "--held-out=1").exits(2).err()).contains("option --held-out is 1.0");
        assertThat(learn(model, "--kind=approvals").exits(2).err())
                .contains("pairs.jsonl:1:", "field 'completion' is missing");
        assertThat(learn(model, "--lora=2").exits(2).err()).contains("option --lora is 2");
        assertThat(Cli.run("reward", pairs.toString()).exits(2).err()).contains("option --output is missing");
        assertThat(Cli.run("reward", folder.toString(), "--evaluate", pairs.toString())
                        .exits(2)
                        .err())
                .contains("config.json");
        assertThat(model).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-plays", "qwen2"})
    void scoresOfTheOtherLibrary(String name) throws IOException {
        Path model = Path.of("../../shared/cases/reward-models").resolve(name);
        assumeTrue(Files.exists(model), "the shared cases are not there");
        JsonNode expected =
                new ObjectMapper().readTree(model.resolve("expected.json").toFile());
        Path texts = folder.resolve("texts.jsonl");
        StringBuilder lines = new StringBuilder();
        for (JsonNode one : expected) {
            lines.append(
                            one.has("prompt")
                                    ? "{\"prompt\":" + one.path("prompt") + ",\"completion\":" + one.path("completion")
                                            + "}"
                                    : "{\"ids\":" + one.path("ids") + "}")
                    .append('\n');
        }
        Files.writeString(texts, lines);
        String[] scored = Cli.run("score", model.toString(), texts.toString(), "--bos", "yes")
                .exits(0)
                .out()
                .split("\n", -1);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(score(scored[i]))
                    .as("text %d", i)
                    .isCloseTo(expected.get(i).path("score").asDouble(), within(1e-3));
        }
    }
}
