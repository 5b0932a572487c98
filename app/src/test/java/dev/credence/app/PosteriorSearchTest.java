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
    void theDocumentHasCertificateDrawsAndTheNextToken() {
        JsonNode told = posterior("--reward 0.5*count:[ae] --beta 0.5 --horizon 3 --until 0.5 --draw 4 --next a")
                .get("prompts")
                .get("t");
        JsonNode certificate = told.get("certificate");
        assertThat(certificate.get("completions").asInt()).isEqualTo(1 + 4 + 16 + 64);
        assertThat(certificate.get("width").asDouble()).isBetween(1e-9, 0.5);
        assertThat(certificate.get("mass_cut").asDouble()).isBetween(1e-9, 1.0);
        assertThat(certificate.get("branches_cut").asInt()).isPositive();
        assertThat(certificate.get("seen").asInt()).isLessThan(85);
        assertThat(certificate.has("branches_settled")).isTrue();
        assertThat(told.get("draws_reason").asText()).contains("og Z is only known within");
        assertThat(told.get("draws")).hasSize(4).allSatisfy(draw -> {
            assertThat(draw.get("logp_prior").asDouble()).isNegative();
            assertThat(draw.get("logp_posterior").isNull()).isTrue();
            assertThat(draw.get("logp_posterior_bounds")).hasSize(2);
            assertThat(draw.get("reward").isNumber()).isTrue();
        });
        assertThat(told.get("next").get("behind").asText()).isEqualTo("a");
        assertThat(told.get("next").get("tokens")).hasSize(5).allSatisfy(token -> {
            assertThat(token.get("id").isInt()).isTrue();
            assertThat(token.get("posterior")).hasSize(2);
        });
        JsonNode exact = posterior("--reward length --beta 0.5 --horizon 3 --draw 1")
                .get("prompts")
                .get("t");
        assertThat(exact.get("certificate").get("seen").asInt()).isEqualTo(85);
        assertThat(exact.has("draws_reason")).isFalse();
        assertThat(exact.get("draws").get(0).get("logp_posterior").isNumber()).isTrue();
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
                .contains("og Z is only known within")
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
            --horizon 4 --reward length --next zz                     | option --next is zz; the tokenizer has no token for
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

    @Test
    void aPosteriorInBfloat16SaysSo() {
        List<String> asked =
                List.of("posterior", model, "--prompt", "t", "--reward", "length", "--beta", "1", "--horizon", "2");
        List<String> rounded = new ArrayList<>(asked);
        rounded.addAll(List.of("--precision", "bf16"));
        assertThat(Cli.run(rounded.toArray(String[]::new)).exits(0).out())
                .contains("figures are of the model as it computes in bf16 (weights stored in ");
        List<String> single = new ArrayList<>(asked);
        single.add("--json");
        assertThat(Cli.run(single.toArray(String[]::new))
                        .exits(0)
                        .json("credence.posterior/1")
                        .at("/provenance/settings/model-precision")
                        .asText())
                .startsWith("fp32 (weights stored in ");
    }
}
