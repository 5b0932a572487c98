package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Worlds of variables through the command line. */
class NetworkCommandsTest {
    /** Effects of a hidden cause; topic is one of them. */
    private static final String CAUSE = """
            variables:
              cause: {hidden: true, values: {a: .5, b: .5}}
              topic: {given: [cause], values: [art, maths], table: {a: [.9, .1], b: [.1, .9]}}
              word: {given: [cause], values: [u, v], table: {a: [.8, .2], b: [.3, .7]}}
              next: {given: [cause, word], values: [x, y], table: {"a, u": [1, 0], "a, v": [.5, .5], "b, u": [.2, .8], "b, v": [0, 1]}}
            text: "{topic} {word}"
            rewards:
              v: {of: [word], table: {u: 0, v: 1}}
              us: {text: "count:u"}
            probes: {next: {of: [next]}}
            """;

    @TempDir
    private Path folder;

    private String world() throws IOException {
        return Files.writeString(folder.resolve("w.yaml"), CAUSE).toString();
    }

    private static JsonNode posterior(String... more) {
        List<String> command = new ArrayList<>(List.of("posterior"));
        command.addAll(List.of(more));
        command.add("--json");
        return Cli.run(command.toArray(String[]::new)).exits(0).json("credence.posterior/1");
    }

    private static JsonNode only(JsonNode root) {
        return root.get("prompts").get("");
    }

    private static double number(JsonNode node, String place) {
        assertThat(node.at(place).isNumber()).as(place).isTrue();
        return node.at(place).asDouble();
    }

    @Test
    void evidenceOfARewardAndAnObservationTellsOfTheHidden() throws IOException {
        JsonNode root = posterior(world(), "--reward", "v", "--copies", "2", "--observe", "topic=maths");
        double a = .5 * .1 * (.8 + .2 * Math.exp(2));
        double b = .5 * .9 * (.3 + .7 * Math.exp(2));
        assertThat(number(root, "/findings/log_z/estimate")).isCloseTo(Math.log(a + b), within(1e-9));
        assertThat(number(only(root), "/hidden/cause/a/prior")).isCloseTo(.5, within(1e-12));
        assertThat(number(only(root), "/hidden/cause/a/posterior")).isCloseTo(a / (a + b), within(1e-9));
        double x = (.5 * .1 * (.8 + .2 * Math.exp(2) * .5) + .5 * .9 * .3 * .2) / (a + b);
        assertThat(number(only(root), "/probes/next/x/posterior")).isCloseTo(x, within(1e-9));
        assertThat(number(only(root), "/outcomes/maths v/posterior"))
                .isCloseTo((.5 * .1 * .2 + .5 * .9 * .7) * Math.exp(2) / (a + b), within(1e-9));
        assertThat(number(only(root), "/outcomes/art v/posterior")).isZero();
    }

    @Test
    void aRewardOfTheTextIsEvidenceToo() throws IOException {
        JsonNode ofText = only(posterior(world(), "--reward", "us", "--beta", "0.5"));
        double a = .5 * (.2 + .8 * Math.exp(2));
        double b = .5 * (.7 + .3 * Math.exp(2));
        assertThat(number(ofText, "/hidden/cause/a/posterior")).isCloseTo(a / (a + b), within(1e-9));
    }

    @Test
    void theLimitOfARewardIsTakenAmongWhatIsObserved() throws IOException {
        String quality = "authors";
        JsonNode prompt = only(posterior(quality, "--beta", "0", "--given", "author=human", "--observe", "mark=odd"));
        assertThat(number(prompt, "/outcomes/odd 2/posterior")).isCloseTo(1, within(1e-12));
        assertThat(number(prompt, "/hidden/author/human/prior")).isEqualTo(1);
        assertThat(number(prompt, "/hidden/author/ai/posterior")).isZero();
    }

    @Test
    void whatIsGivenIsSetAndWhatIsObservedIsInferredFrom() throws IOException {
        JsonNode observed = only(posterior(world(), "--observe", "topic=maths"));
        assertThat(number(observed, "/hidden/cause/b/posterior")).isCloseTo(.9, within(1e-9));
        JsonNode given = only(posterior(world(), "--given", "topic=maths", "--reward", "v", "--copies", "0"));
        assertThat(number(given, "/hidden/cause/b/posterior")).isCloseTo(.5, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"level:1", "top:0.25", "beats:3", "probability:v", "contains:v", "regex:v$", "raters:2"})
    void everyEvidenceOfATableIsOneOfANetwork(String evidence) throws IOException {
        List<String> command = new ArrayList<>(List.of(world(), "--evidence", evidence));
        if (!evidence.contains(":v") && !evidence.contains("regex")) {
            command.addAll(List.of("--reward", "v"));
        }
        JsonNode prompt = only(posterior(command.toArray(String[]::new)));
        double v = number(prompt, "/outcomes/art v/posterior") + number(prompt, "/outcomes/maths v/posterior");
        double a = .8 / 1.1 * (1 - v) + .2 / .9 * v; // the evidence is about the word alone
        assertThat(number(prompt, "/hidden/cause/a/posterior")).isCloseTo(a, within(1e-9));
    }

    @Test
    void aChainOfFortyIsAnsweredWithoutItsTexts() throws IOException {
        StringBuilder yaml = new StringBuilder("variables:\n  x1: {hidden: true, values: {0: .9, 1: .1}}\n");
        StringBuilder text = new StringBuilder();
        for (int i = 2; i <= 40; i++) {
            String variable = "  x%d: {given: [x%d], values: [0, 1], table: {0: [.9, .1], 1: [.2, .8]}}\n";
            yaml.append(variable.formatted(i, i - 1));
            text.append("{x").append(i).append('}');
        }
        yaml.append("text: \"").append(text).append("\"\nrewards: {end: {of: [x40], table: {0: 0, 1: 1}}}\n");
        String chain = Files.writeString(folder.resolve("chain.yaml"), yaml).toString();
        JsonNode root = posterior(chain, "--copies", "3");
        double p = 1 / 3.0 + Math.pow(.7, 39) * (.1 - 1 / 3.0);
        double z = p * Math.exp(3) + 1 - p;
        assertThat(number(root, "/findings/log_z/estimate")).isCloseTo(Math.log(z), within(1e-9));
        assertThat(number(root, "/findings/reward.asked/estimate")).isCloseTo(p * Math.exp(3) / z, within(1e-9));
        assertThat(number(root, "/findings/kl.asked_prior/estimate"))
                .isCloseTo(3 * p * Math.exp(3) / z - Math.log(z), within(1e-9));
        assertThat(root.at("/findings/entropy.asked/grade").asText()).isEqualTo("withdrawn");
        assertThat(only(root).has("outcomes")).isFalse();
        assertThat(Cli.run("condition", chain, "--method", "tilt").exits(2).err())
                .contains("texts can be written down");
        assertThat(Cli.run("sample", chain, "-n", "3").exits(0).out().lines()).hasSize(3);
    }

    @Test
    void drawsShowWhatIsHidden() throws IOException {
        List<String> lines = Cli.run("sample", "authors", "-n", "500", "--given", "humans")
                .exits(0)
                .out()
                .lines()
                .toList();
        assertThat(lines).hasSize(500);
        for (String line : lines) {
            JsonNode draw = new ObjectMapper().readTree(line);
            String quality = draw.at("/visible/quality").asText();
            assertThat(draw.at("/hidden/author").asText()).isIn("human", "expert");
            assertThat(draw.get("completion").asText())
                    .isEqualTo(draw.at("/visible/mark").asText() + " " + quality);
            assertThat(number(draw, "/reward/quality")).isEqualTo(Double.parseDouble(quality));
            assertThat(number(draw, "/logp")).isNegative();
        }
        assertThat(Cli.run("sample", "t1", "-n", "2").exits(0).out()).contains("\"reward\"");
        assertThat(Cli.run("sample", "authors", "--temperature", "2").exits(2).err())
                .contains("temperature");
    }

    @Test
    void otherCommandsTakeANetworkAsATable() {
        assertThat(Cli.run("condition", "harmless", "--method", "tilt", "--reward", "harmless", "--beta", "0.1")
                        .exits(0)
                        .out())
                .contains("tilt");
        assertThat(posterior("harmless", "--reward", "harmless", "--beta", "0.02")
                        .get("prompts"))
                .hasSize(3);
        assertThat(Cli.run("posterior", "notebook", "--reward", "bright")
                        .exits(0)
                        .out())
                .contains("camera");
    }

    @Test
    void aPictureShowsTheGraph() throws IOException {
        assertThat(Cli.run("worlds", "authors", "--graph").exits(0).out())
                .startsWith("<svg")
                .contains("author");
        assertThat(Cli.run("worlds", world(), "--graph").exits(0).out()).contains("cause");
        assertThat(Cli.run("worlds", "t1", "--graph").exits(2).err()).contains("t1 is a table of texts");
        JsonNode worlds = Cli.run("worlds", "authors", "--json")
                .exits(0)
                .json("credence.worlds/1")
                .get("worlds");
        assertThat(worlds.at("/0/variables/author/hidden").asBoolean()).isTrue();
        assertThat(worlds.at("/0/variables/mark/given/1").asText()).isEqualTo("quality");
    }

    @Test
    void whatCannotBeAskedIsRefused() throws IOException {
        assertThat(Cli.run("posterior", "t1", "--observe", "quality=3").exits(2).err())
                .contains("it is about a world of variables; t1 has none");
        assertThat(Cli.run("posterior", "authors", "--observe", "author=ai")
                        .exits(2)
                        .err())
                .contains("'author' is hidden");
        assertThat(Cli.run("posterior", "authors", "--observe", "quality=4")
                        .exits(2)
                        .err())
                .contains("'quality' has no such value");
        assertThat(Cli.run("posterior", "authors", "--observe", "quality=3", "--observe", "quality=2")
                        .exits(2)
                        .err())
                .contains("probability 0");
        assertThat(Cli.run("posterior", world()).exits(2).err()).contains("several rewards");
        String broken = Files.writeString(folder.resolve("b.yaml"), CAUSE.replace("count:u", "length"))
                .toString();
        assertThat(Cli.run("posterior", broken).exits(2).err()).contains("b.yaml:9: field 'rewards.us.text'");
    }
}
