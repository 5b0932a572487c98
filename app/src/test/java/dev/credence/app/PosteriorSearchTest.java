package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code posterior MODEL} as a search, against the same posterior as a table of all completions. */
class PosteriorSearchTest {
    @TempDir
    private static Path models = Path.of("");

    private static String model = "";

    @BeforeAll
    static void writeModel() throws IOException {
        model = TinyCheckpoint.write(models.resolve("prior"), 1).toString();
    }

    private static JsonNode posterior(String options) {
        return run(options).json("credence.posterior/1");
    }

    private static Cli run(String options) {
        List<String> arguments = new ArrayList<>(List.of("posterior", model, "--prompt", "t", "--json"));
        arguments.addAll(List.of(options.split(" +")));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private static JsonNode finding(JsonNode document, String id) {
        return document.get("prompts").get("t").get("findings").get(id);
    }

    @ParameterizedTest
    @CsvSource({
        "--reward contains:ea --evidence at-least:1",
        "--reward regex:^a.*h$ --evidence at-least:1",
        "--reward regex:^a.*h$ --beta 0.2",
        "--reward length --beta 2",
        "'--reward min(1,0.5*count:[ae]) --beta 0.5'",
        "--reward count:a --evidence level:2",
        "--reward 0.2*count:a --evidence raters:2",
        "--reward regex:ae --evidence probability: --copies 2",
        "--reward regex:(?=a)ae --beta 0.5"
    })
    void aSearchFindsWhatTheTableHas(String evidence) {
        String asked = evidence + " --horizon 4";
        JsonNode table = posterior(asked);
        JsonNode found = posterior(asked + " --until 0");
        JsonNode certificate = found.get("prompts").get("t").get("certificate");
        assertThat(certificate.get("completions").asInt()).isEqualTo(1 + 4 + 16 + 64 + 256);
        assertThat(certificate.get("branches_cut").asInt()).isZero();
        assertThat(certificate.get("width").asDouble()).isZero();
        assertThat(certificate.get("seen").asInt()).isLessThanOrEqualTo(341);
        JsonNode all = table.get("prompts").get("t").get("certificate");
        assertThat(all.get("seen").asInt()).isEqualTo(341);
        for (String id : List.of("log_z", "kl.asked_prior", "reward.asked")) {
            JsonNode searched = finding(found, id);
            if (searched != null) {
                assertThat(searched.get("grade").asText()).as(id).isEqualTo("exact");
                assertThat(searched.get("estimate").asDouble())
                        .as(id)
                        .isCloseTo(finding(table, id).get("estimate").asDouble(), within(1e-5));
            }
        }
    }

    @Test
    void evidenceIsSeveralThingsTogetherAndNeedsNoReward() {
        String asked = "--horizon 4 --evidence";
        for (String until : List.of("", " --until 0")) {
            JsonNode both = evidence("prompt:a and 0.5*count:e and -1*reward:contains:ea", asked + until);
            assertThat(both.get("evidence").asText())
                    .isEqualTo(
                            "the text begins with 'a', and 0.5 copies of the reward (beta 2) [count:e], and -1 copies of"
                                    + " the reward (beta -1) [contains:ea]");
            double logZ = finding(both, "log_z").get("estimate").asDouble();
            double sum = 0;
            JsonNode all = posterior("--reward length --beta 1 --horizon 4")
                    .get("prompts")
                    .get("t")
                    .get("outcomes");
            for (var one : all.properties()) {
                String text = one.getKey();
                double e = 0.5 * text.chars().filter(c -> c == 'e').count() - (text.contains("ea") ? 1 : 0);
                sum += text.startsWith("a") ? one.getValue().get("prior").asDouble() * Math.exp(e) : 0;
            }
            assertThat(logZ).isCloseTo(Math.log(sum), within(1e-5));
        }
        JsonNode event = evidence("contains:ea", asked.replace("--evidence", "--until 0 --draw 2 --evidence"));
        for (JsonNode draw : event.get("prompts").get("t").get("draws")) {
            assertThat(draw.get("completion").asText()).contains("ea");
            assertThat(draw.get("reward").isNull()).isTrue();
        }
        assertThat(event.get("provenance").get("settings").has("reward")).isFalse();
    }

    private static JsonNode evidence(String evidence, String options) {
        List<String> arguments = new ArrayList<>(List.of("posterior", model, "--prompt", "t", "--json"));
        arguments.addAll(List.of(options.replace("--evidence", "").trim().split(" +")));
        arguments.add("--evidence=" + evidence);
        return Cli.run(arguments.toArray(String[]::new)).exits(0).json("credence.posterior/1");
    }

    @Test
    void rareEvidenceIsFoundWhereNotEverythingCanBeSeen() {
        JsonNode found = posterior("--reward regex:^ae --evidence at-least:1 --horizon 7 --until 0");
        JsonNode certificate = found.get("prompts").get("t").get("certificate");
        assertThat(certificate.get("completions").asDouble()).isEqualTo(21845);
        assertThat(certificate.get("seen").asInt()).isLessThan(10);
        assertThat(certificate.get("branches_settled").asInt()).isEqualTo(1);
    }

    @Test
    void anIntervalAsNarrowAsAskedHoldsTheTable() {
        String asked = "--reward 0.5*count:[ae] --beta 0.5 --horizon 5";
        JsonNode table = posterior(asked);
        JsonNode found = posterior(asked + " --until 0.05");
        for (String id : List.of("log_z", "kl.asked_prior", "reward.asked")) {
            JsonNode searched = finding(found, id);
            assertThat(searched.get("grade").asText()).as(id).isEqualTo("bounded");
            assertThat(finding(table, id).get("estimate").asDouble())
                    .as(id)
                    .isBetween(
                            searched.get("lower").asDouble(),
                            searched.get("upper").asDouble());
        }
        JsonNode certificate = found.get("prompts").get("t").get("certificate");
        assertThat(certificate.get("width").asDouble()).isBetween(1e-9, 0.05);
        assertThat(certificate.get("mass_cut").asDouble()).isBetween(1e-9, 0.5);
        assertThat(certificate.get("seen").asInt()).isLessThan(1365);
    }

    @ParameterizedTest
    @CsvSource({"''", "--until 0.5"})
    void drawsAndNextTokensAreThePosteriors(String until) {
        String asked = "--reward 0.5*count:[ae] --beta 0.5 --horizon 3";
        JsonNode outcomes = posterior(asked).get("prompts").get("t").get("outcomes");
        JsonNode told = posterior(asked + " --draw 300 --next a " + until)
                .get("prompts")
                .get("t");
        assertThat(told.get("draws")).hasSize(300);
        double vowels = 0;
        for (JsonNode draw : told.get("draws")) {
            JsonNode outcome = outcomes.get(draw.get("completion").asText());
            assertThat(Math.exp(draw.get("logp_prior").asDouble()))
                    .isCloseTo(outcome.get("prior").asDouble(), within(1e-5));
            assertThat(Math.log(outcome.get("posterior").asDouble()))
                    .isBetween(
                            draw.get("logp_posterior_bounds").get(0).asDouble() - 1e-5,
                            draw.get("logp_posterior_bounds").get(1).asDouble() + 1e-5);
            vowels += draw.get("reward").asDouble() / 300;
        }
        double mean = 0;
        double variance = 0;
        double behindA = 0;
        double[] next = new double[5]; // by the token behind a: the end, a, e, t, h
        for (var one : outcomes.properties()) {
            double p = one.getValue().get("posterior").asDouble();
            double r =
                    0.5 * one.getKey().chars().filter(c -> "ae".indexOf(c) >= 0).count();
            mean += p * r;
            variance += p * r * r;
            if (one.getKey().startsWith("a")) {
                behindA += p;
                next[
                        one.getKey().length() < 2
                                ? 0
                                : 1 + "aeth".indexOf(one.getKey().charAt(1))] += p;
            }
        }
        assertThat(vowels).isCloseTo(mean, within(4 * Math.sqrt((variance - mean * mean) / 300)));
        assertThat(told.get("next").get("behind").asText()).isEqualTo("a");
        for (JsonNode token : told.get("next").get("tokens")) {
            double exact = next[token.get("id").asInt()] / behindA;
            assertThat(exact)
                    .isBetween(
                            token.get("posterior").get(0).asDouble() - 1e-5,
                            token.get("posterior").get(1).asDouble() + 1e-5);
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "--until 0", "--until 0.01", "--until 0.1", "--until 0.5", "--until 2"})
    void aDrawsLogPosteriorIsNoSurerThanLogZ(String until) {
        for (String reward : List.of("0.5*count:[ae]", "length", "contains:ea")) {
            String asked = "--reward " + reward + " --beta 0.5 --horizon 4";
            JsonNode outcomes = posterior(asked).get("prompts").get("t").get("outcomes");
            JsonNode told =
                    posterior(asked + " --draw 20 " + until).get("prompts").get("t");
            double width = told.get("certificate").get("width").asDouble();
            assertThat(told.has("draws_reason")).isEqualTo(width > 1e-9);
            for (JsonNode draw : told.get("draws")) {
                double truth = Math.log(outcomes.get(draw.get("completion").asText())
                        .get("posterior")
                        .asDouble());
                double lower = draw.get("logp_posterior_bounds").get(0).asDouble();
                double upper = draw.get("logp_posterior_bounds").get(1).asDouble();
                assertThat(truth).as(reward).isBetween(lower - 1e-5, upper + 1e-5);
                assertThat(upper - lower).isLessThanOrEqualTo(width + 1e-9);
                if (width > 1e-9) {
                    assertThat(draw.get("logp_posterior").isNull()).isTrue();
                } else {
                    assertThat(draw.get("logp_posterior").asDouble()).isCloseTo(truth, within(1e-5));
                }
            }
        }
    }

    @Test
    void theTextSaysWhyADrawHasAnInterval() {
        Cli text = Cli.run(
                "posterior",
                model,
                "--prompt",
                "t",
                "--horizon",
                "3",
                "--reward",
                "0.5*count:[ae]",
                "--beta",
                "0.5",
                "--until",
                "0.5",
                "--draw",
                "3");
        assertThat(text.exits(0).out().replaceAll("\\s+", " "))
                .contains("Log Z is only known within")
                .containsPattern("−[0-9.]+ to −[0-9.]+");
    }

    @Test
    void theTextTellsWhatTheJsonTells() {
        Cli run = Cli.run(
                "posterior",
                model,
                "--prompt",
                "t",
                "--horizon",
                "5",
                "--reward",
                "contains:ea",
                "--evidence",
                "at-least:1",
                "--until",
                "1e-6",
                "--draw",
                "2",
                "--next");
        assertThat(run.exits(0).out())
                .contains("given: the reward is at least 1")
                .contains("log_z")
                .containsPattern("Certificate: \\d+ of 1,365 completions seen; \\d+ branches summed at once")
                .contains("Next token behind t")
                .contains("soft value")
                .contains("Draws from the posterior of prompt t");
    }

    @Test
    void whatIsNotFollowedIsSaid() {
        assertThat(run("--horizon 4 --reward regex:(?=a)ae --beta 0.5 --until 0.1")
                        .exits(0)
                        .err())
                .contains("not bounded token by token: regex:(?=a)ae: the pattern looks around");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --horizon 4 --reward length --until -1                    | option --until is -1.0
            --horizon 4 --reward length --budget 0                    | option --budget is 0.0
            --horizon 4 --reward length --draw 0                      | option --draw is 0
            --horizon 4 --reward length --next zz                     | option --next is zz; token 0 behind the prompt is the end 0
            --horizon 2 --reward length --next tth                    | option --next is tth; prefix has 3 tokens
            --horizon 4 --reward length --evidence beats:4 --until 1  | it needs the rewards of all texts
            --horizon 4 --evidence level:1 --until 1                  | option --reward is missing; name a reward of the text
            --horizon 4 --reward length --beta 0 --draw 1             | it needs the rewards of all texts
            --horizon 4 --reward length --beta 0.1 --budget 1e-9 --draw 1 | option --draw is 1; log Z is between
            """)
    void whatCannotBeAskedIsRefused(String options, String message) {
        assertThat(run(options).exits(2).err()).contains(message);
    }

    @Test
    void theyAreAboutModels() {
        assertThat(Cli.run("posterior", "t1", "--until", "1").exits(2).err())
                .contains("option --until is given; it is about a model's checkpoint folder; t1 is none");
    }
}
