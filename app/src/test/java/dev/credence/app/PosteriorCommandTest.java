package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PosteriorCommandTest {
    /** The example of the command line's contract. */
    static final String FOUR_LINES = """
            prior:  {a: 0.4, b: 0.3, c: 0.2, d: 0.1}     # sums to 1 (1e-9), or weights with `normalise: true`
            reward: {a: 0, b: 1, c: 2, d: 3}             # or `rewards: {helpful: {…}, approve: {…}}` and --reward NAME
            policy: {a: 0.05, b: 0.10, c: 0.60, d: 0.25} # optional: the tuned policy; or --policy FILE with the same shape
            """;

    @TempDir
    private Path folder;

    private String world;

    @BeforeEach
    void writeWorld() throws IOException {
        world = Files.writeString(folder.resolve("world.yaml"), FOUR_LINES).toString();
    }

    @Test
    void figuresAndOutcomesAreTheSheets() {
        JsonNode root =
                Cli.run("posterior", world, "--beta", "2", "--json").exits(0).json("credence.posterior/1");
        JsonNode findings = root.get("findings");
        assertThat(estimate(findings, "log_z")).isCloseTo(Vectors.number("T1.beta2", "logZ"), within(5e-9));
        assertThat(estimate(findings, "kl.asked_prior")).isCloseTo(.14095738, within(5e-9));
        assertThat(estimate(findings, "kl.prior_asked")).isCloseTo(.13469233, within(5e-9));
        assertThat(estimate(findings, "entropy.asked")).isCloseTo(1.37986844, within(5e-9));
        assertThat(estimate(findings, "modes.asked")).isCloseTo(Math.exp(1.37986844), within(5e-8));
        assertThat(estimate(findings, "reward.asked")).isCloseTo(1.55129941, within(5e-9));
        assertThat(findings.at("/log_z/grade").asText()).isEqualTo("exact");
        JsonNode outcomes = root.get("prompts").get("").get("outcomes");
        assertThat(outcomes.at("/d/posterior").asDouble()).isCloseTo(.23757369, within(5e-9));
        assertThat(outcomes.at("/d/prior").asDouble()).isCloseTo(.1, within(1e-15));
        assertThat(root.get("prompts").get("").at("/findings/log_z/estimate").asDouble())
                .isEqualTo(estimate(findings, "log_z"));
    }

    @Test
    void distancesOfTheSheetAtBetaOne() {
        JsonNode findings = Cli.run("posterior", "t1", "--beta", "1", "--json")
                .json("credence.posterior/1")
                .get("findings");
        assertThat(estimate(findings, "tv.asked_prior")).isCloseTo(.44148799, within(5e-9));
        assertThat(estimate(findings, "js.asked_prior")).isCloseTo(.12512892, within(5e-9));
        assertThat(estimate(findings, "chi2.asked_prior")).isCloseTo(1.43715926, within(5e-9));
    }

    @Test
    void printsFiguresAndOutcomes() {
        Cli cli = Cli.run("posterior", world, "--beta", "1", "--reward-type", "log-probability")
                .exits(0);
        assertThat(cli.out())
                .containsSubsequence(
                        "1 copy of the reward",
                        "about 1 independent copy of the observation",
                        "log_z",
                        "1.54796",
                        "Outcomes",
                        "d",
                        "0.427184",
                        "a",
                        "0.0850729");
        assertThat(cli.err()).isEmpty();
    }

    @Test
    void copiesAreOneOverBeta() {
        assertThat(at(world, "--copies", "2")).isEqualTo(at(world, "--beta", "0.5"));
        assertThat(Cli.run("posterior", world, "--copies", "2", "--beta", "0.5")
                        .exits(2)
                        .err())
                .contains("give --beta or --copies, not both");
    }

    @Test
    void noPenaltyKeepsTheBestTexts() {
        JsonNode root =
                Cli.run("posterior", world, "--beta", "0", "--json").exits(0).json("credence.posterior/1");
        assertThat(root.at("/findings/log_z/estimate").asText()).isEqualTo("inf");
        assertThat(root.at("/findings/kl.asked_prior/estimate").asDouble()).isCloseTo(Math.log(10), within(1e-12));
        assertThat(root.at("/findings/kl.prior_asked/estimate").asText()).isEqualTo("inf");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "beats:4       | .3439",
                "top:0.25      | .4",
                "level:3       | 1",
                "at-least:2    | .3333333333333333",
                "range:1,2     | 0",
                "contains:d    | 1",
                "prompt:d      | 1",
                "reward        | .42718375",
                "table:reward  | .42718375",
                "pool:1        | .1",
            })
    void evidenceOfManyKinds(String evidence, double ofD) {
        assertThat(at(world, "--evidence", evidence)).isCloseTo(ofD, within(5e-9));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2*reward                              | .74876501",
                "reward and reward                     | .74876501",
                "at-least:1 and -1*reward              | .03496047",
                "contains:d and reward                 | 1",
                "at-least:2 of reward and 2*contains:d | 1",
                "beats:4 and at-least:2                | .45255955",
            })
    void evidenceAddsAndScales(String evidence, double ofD) {
        assertThat(at(world, "--evidence=" + evidence)).isCloseTo(ofD, within(5e-9));
    }

    @Test
    void aTermOfSeveralIsNamedWithItsPlace() {
        assertThat(Cli.run("posterior", world, "--evidence", "reward and level:x")
                        .exits(2)
                        .err())
                .contains(
                        "option --evidence is reward and level:x; term 2, 'level:x' at character 12: 'x' is not a number");
        assertThat(Cli.run("posterior", world, "--evidence", "contains:salt and pepper")
                        .exits(2)
                        .err())
                .contains("pepper");
    }

    @Test
    void probabilitiesAreReadAsCopiesOrAsRaters() throws IOException {
        String approval = Files.writeString(
                        folder.resolve("approval.yaml"),
                        "prior: {a: 0.4, b: 0.3, c: 0.2, d: 0.1}\nreward: {a: 0.9, b: 0.5, c: 0.2, d: 0.05}\n")
                .toString();
        assertThat(at(approval, "--evidence", "probability:reward", "--copies", "2"))
                .isCloseTo(.00061387, within(5e-9));
        assertThat(at(approval, "--evidence", "raters:20")).isCloseTo(1e-8, within(5e-9));
        assertThat(Cli.run("posterior", world, "--evidence", "raters:20")
                        .exits(2)
                        .err())
                .startsWith("credence: option --evidence is ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--evidence | level:7 | was never seen",
                "--evidence | top:2 | must be in (0, 1]",
                "--evidence | top:some | 'some' is not a number",
                "--evidence | range:1 | a range is range:LOW,HIGH",
                "--evidence | magic:1 | a reward's name, probability:NAME",
                "--evidence | rewrad | did you mean 'reward'?",
                "--reward | rewrad | did you mean 'reward'?",
                "--beta | -1 | it must be a finite number, 0 or larger",
                "--copies | inf | Invalid value for option '--copies'",
            })
    void refusesWhatHasNoPosterior(String option, String value, String message) {
        Cli cli = Cli.run("posterior", world, option, value).exits(2);
        assertThat(cli.err()).startsWith("credence: ").contains(message);
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void badWorldsAreBadInput() throws IOException {
        assertThat(Cli.run("posterior", "t2").exits(2).err())
                .contains(
                        "t2: no such world; did you mean 't1'? a world is a file (YAML or CSV) or one that ships with Credence: t1");
        String broken = Files.writeString(folder.resolve("broken.yaml"), "prior: {a: 0.4, b: 0.4}\n")
                .toString();
        assertThat(Cli.run("posterior", broken, "--evidence", "prompt:a")
                        .exits(2)
                        .err())
                .contains(broken);
    }

    @Test
    void severalPromptsAreAveragedByWeight() throws IOException {
        String two = Files.writeString(folder.resolve("two.yaml"), """
                        prompts:
                          q1: {prior: {a: 0.5, b: 0.5}, reward: {a: 0, b: 1}, weight: 3}
                          q2: {prior: {a: 0.9, b: 0.1}, reward: {a: 0, b: 1}, weight: 1}
                        """).toString();
        JsonNode root = Cli.run("posterior", two, "--json").exits(0).json("credence.posterior/1");
        double first = root.at("/prompts/q1/findings/log_z/estimate").asDouble();
        double second = root.at("/prompts/q2/findings/log_z/estimate").asDouble();
        assertThat(first).isCloseTo(Math.log(.5 + .5 * Math.E), within(1e-12));
        assertThat(root.at("/findings/log_z/estimate").asDouble()).isCloseTo(.75 * first + .25 * second, within(1e-12));
        assertThat(Cli.run("posterior", two).exits(0).out())
                .contains("means over 2 prompts", "Outcomes of prompt q1", "Outcomes of prompt q2");
    }

    private static double at(String world, String... options) {
        String[] args = new String[options.length + 3];
        args[0] = "posterior";
        args[1] = world;
        args[2] = "--json";
        System.arraycopy(options, 0, args, 3, options.length);
        return Cli.run(args)
                .exits(0)
                .json("credence.posterior/1")
                .get("prompts")
                .get("")
                .at("/outcomes/d/posterior")
                .asDouble();
    }

    private static double estimate(JsonNode findings, String id) {
        return findings.get(id).get("estimate").asDouble();
    }
}
