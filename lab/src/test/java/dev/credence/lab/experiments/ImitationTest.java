package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImitationTest {
    private static final double EXACT = 1e-9;
    private static final double[] AUTHOR = {.7, .2, .07, .03}; // human, expert, ai, mimic
    private static final double[][] QUALITY = {{.5, .35, .15, 0}, {.1, .3, .4, .2}, {0, .1, .3, .6}, {.4, .3, .2, .1}};

    @TempDir
    static Path folder;

    private static Path forum;

    @BeforeAll
    static void write() throws IOException {
        forum = folder.resolve("forum.yaml");
        Files.writeString(forum, Forum.YAML);
    }

    private static ExperimentResult run(Map<String, String> settings) {
        Imitation experiment = new Imitation();
        try {
            return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double estimate(ExperimentResult result, String id) {
        Finding finding = result.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        assertThat(finding.grade()).as(id).isEqualTo(Grade.EXACT);
        assertThat(finding.lower()).isEqualTo(finding.upper());
        return finding.estimate();
    }

    /** (mean, P(AI)) of authors' weights under λ copies of the quality. */
    private static double[] tilted(double[] weights, double lambda) {
        double z = 0;
        double mean = 0;
        double ai = 0;
        for (int a = 0; a < 4; a++) {
            for (int q = 0; q < 4; q++) {
                double w = weights[a] * QUALITY[a][q] * Math.exp(lambda * q);
                z += w;
                mean += w * q;
                ai += a >= 2 ? w : 0;
            }
        }
        return new double[] {mean / z, ai / z};
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0.5", "-3", "40"})
    void figuresAreSumsOverTheAuthors(String written) {
        double lambda = Double.parseDouble(written);
        ExperimentResult result = run(Map.of("lambda", written));
        double[] humans = {.7, .2, 0, 0};
        double[] demonstrated = tilted(humans, 0);
        double[] conditioned = tilted(humans, lambda);
        assertThat(estimate(result, "demonstrated.mean")).isCloseTo(demonstrated[0], within(EXACT));
        assertThat(estimate(result, "demonstrated.best")).isEqualTo(3);
        assertThat(estimate(result, "imitated.mean")).isCloseTo(demonstrated[0], within(EXACT));
        assertThat(estimate(result, "imitated.above")).isZero();
        assertThat(estimate(result, "conditioned.mean")).isCloseTo(conditioned[0], within(EXACT));
        assertThat(estimate(result, "conditioned.best")).isEqualTo(3);
        assertThat(estimate(result, "gap")).isCloseTo(conditioned[0] - demonstrated[0], within(EXACT));
        assertThat(estimate(result, "ai.imitated")).isZero();
        assertThat(estimate(result, "ai.conditioned")).isZero();
        assertThat(estimate(result, "ai.unrestricted")).isCloseTo(tilted(AUTHOR, lambda)[1], within(EXACT));
    }

    @Test
    void nothingAskedIsImitation() {
        ExperimentResult result = run(Map.of("lambda", "0"));
        assertThat(estimate(result, "gap")).isZero();
        assertThat(estimate(result, "ai.unrestricted")).isCloseTo(.1, within(EXACT));
        assertThat(result.conclusion()).startsWith("On 'authors'").contains("nothing is asked for");
        assertThat(run(Map.of()).conclusion()).contains("a gap of 1.57").doesNotContain("nothing is asked for");
    }

    /** Ordinary people never write the best there is: imitating them cannot, and the prior knows who does. */
    @Test
    void theTwoCeilingsComeApart() {
        ExperimentResult result = run(Map.of("population", "author=human", "lambda", "inf"));
        assertThat(estimate(result, "demonstrated.best")).isEqualTo(2);
        assertThat(estimate(result, "conditioned.mean")).isEqualTo(2);
        assertThat(estimate(result, "conditioned.best")).isEqualTo(3);
        assertThat(estimate(result, "prompted.mean")).isEqualTo(2);
        assertThat(result.conclusion()).contains("a human who gives 3");
    }

    @Test
    void aMixtureHasItsShareOfAis() {
        ExperimentResult result = run(Map.of("population", "0.6*humans+.4*author=ai", "shares", "0,.25"));
        double[] weights = {.6 * 7 / 9, .6 * 2 / 9, .4, 0};
        assertThat(estimate(result, "imitated.mean")).isCloseTo(tilted(weights, 0)[0], within(EXACT));
        assertThat(estimate(result, "ai.imitated")).isCloseTo(.4, within(EXACT));
        assertThat(estimate(result, "ai.conditioned")).isCloseTo(tilted(weights, 2)[1], within(EXACT));
        double[] more = {.75 * weights[0], .75 * weights[1], .75 * .4 + .25 * .7, .25 * .3};
        assertThat(estimate(result, "mixed.0.ai")).isCloseTo(.4, within(EXACT));
        assertThat(estimate(result, "mixed..25.ai")).isCloseTo(.55, within(EXACT));
        assertThat(estimate(result, "mixed..25.mean")).isCloseTo(tilted(more, 0)[0], within(EXACT));
        assertThat(estimate(result, "mixed..25.conditioned.mean")).isCloseTo(tilted(more, 2)[0], within(EXACT));
        assertThat(estimate(result, "mixed..25.conditioned.ai")).isCloseTo(tilted(more, 2)[1], within(EXACT));
    }

    /** The best prompt states the quality; beside that, only an odd mark tells anything. */
    @Test
    void promptsAreValuesThatTextsShow() {
        ExperimentResult result = run(Map.of());
        double[][] odd = {{.01, .01, .02, .02}, {.01, .01, .02, .03}};
        double[] weights = {.7, .2};
        double z = 0;
        double mean = 0;
        for (int a = 0; a < 2; a++) {
            for (int q = 0; q < 4; q++) {
                z += weights[a] * QUALITY[a][q] * odd[a][q];
                mean += weights[a] * QUALITY[a][q] * odd[a][q] * q;
            }
        }
        assertThat(estimate(result, "prompted.mean")).isEqualTo(3);
        assertThat(estimate(result, "prompted.aside")).isCloseTo(mean / z, within(EXACT));
        assertThat(result.tables().get("prompts").rows()).hasSize(6);
        assertThat(result.findings().get("prompted.mean").question()).contains("quality=3");
    }

    @Test
    void aWorldOfOnesOwnWithPrompts() {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "world",
                forum.toString(),
                "population",
                "people",
                "reward",
                "value",
                "lambda",
                ".7",
                "ais",
                "writer=bot"));
        ExperimentResult result = run(settings);
        double mean = Forum.mean(w -> w < 2, text -> 1, Forum.Text::value);
        double conditioned = Forum.mean(w -> w < 2, text -> Math.exp(.7 * text.value()), Forum.Text::value);
        assertThat(estimate(result, "demonstrated.mean")).isCloseTo(mean, within(EXACT));
        assertThat(estimate(result, "conditioned.mean")).isCloseTo(conditioned, within(EXACT));
        assertThat(estimate(result, "ai.unrestricted"))
                .isCloseTo(
                        Forum.mean(w -> true, text -> Math.exp(.7 * text.value()), text -> text.writer() == 2 ? 1 : 0),
                        within(EXACT));
        assertThat(estimate(result, "prompted.aside"))
                .as("a tone, one of the prompts, or both: the warm ones behind the second prompt")
                .isCloseTo(behind(1, 1), within(EXACT))
                .isGreaterThan(Math.max(
                        Forum.mean(w -> w < 2, text -> text.tone() == 1 ? 1 : 0, Forum.Text::value), ofPrompt(1)));
        assertThat(result.findings().get("prompted.aside").question()).contains("a, tone=warm");
        settings.putAll(Map.of("reward", "letters", "population", "stars"));
        ExperimentResult letters = run(settings);
        assertThat(estimate(letters, "conditioned.mean"))
                .isCloseTo(
                        Forum.mean(w -> w == 1, text -> Math.exp(.7 * text.letters()), Forum.Text::letters),
                        within(EXACT));
        assertThat(estimate(letters, "ai.unrestricted"))
                .isCloseTo(
                        Forum.mean(
                                w -> true, text -> Math.exp(.7 * text.letters()), text -> text.writer() == 2 ? 1 : 0),
                        within(EXACT));
    }

    /** Mean value of people's texts of one tone behind one prompt. */
    private static double behind(int topic, int tone) {
        double z = 0;
        double sum = 0;
        for (Forum.Text text : Forum.texts(topic)) {
            if (text.writer() < 2 && text.tone() == tone) {
                z += text.p();
                sum += text.p() * text.value();
            }
        }
        return sum / z;
    }

    private static double ofPrompt(int topic) {
        double z = 0;
        double sum = 0;
        for (Forum.Text text : Forum.texts(topic)) {
            if (text.writer() < 2) {
                z += text.p();
                sum += text.p() * text.value();
            }
        }
        return sum / z;
    }

    @Test
    void whoIsAnAiIsSaidOrNotKnown() {
        Map<String, String> settings =
                new LinkedHashMap<>(Map.of("world", forum.toString(), "population", "people", "reward", "value"));
        ExperimentResult unknown = run(settings);
        assertThat(unknown.findings().get("ai.imitated").stands()).isFalse();
        assertThat(unknown.findings().get("ai.imitated").reason()).contains("'ais'");
        assertThat(unknown.conclusion()).contains("is not known here").doesNotContain("NaN");
        settings.put("ais", "bots");
        assertThat(estimate(run(settings), "ai.imitated")).isZero();
        settings.put("ais", "writer=star+bot");
        assertThat(estimate(run(settings), "ai.imitated"))
                .isCloseTo(Forum.mean(w -> w < 2, text -> 1, text -> text.writer() == 1 ? 1 : 0), within(EXACT));
        settings.put("ais", "writer=robot");
        assertThatThrownBy(() -> run(settings))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("robot");
    }

    @Test
    void refusesWhatItCannotAnswer() {
        assertThatThrownBy(() -> run(Map.of("world", "t1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a Bayesian network");
        assertThatThrownBy(() -> run(Map.of("population", "robots")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("population")
                .hasMessageContaining("humans");
        assertThatThrownBy(() -> run(Map.of("population", ".5*humans + .6*ais")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("add up to 1");
        assertThatThrownBy(() -> run(Map.of("reward", "beauty")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("beauty");
        assertThatThrownBy(() -> run(Map.of("lambda", "much"))).isInstanceOf(InputException.class);
    }

    /** Little training, and yet near the world: intervals over seeds, the same figures with the same seed. */
    @Test
    void transformersComeNearTheirLimits() {
        Map<String, String> settings = Map.of(
                "transformer", "yes",
                "transformer.seeds", "2",
                "transformer.steps", "40",
                "transformer.draws", "600",
                "population", "author=human");
        ExperimentResult result = run(settings);
        Finding mean = result.findings().get("transformer.imitated.mean");
        assertThat(mean.grade()).isEqualTo(Grade.ESTIMATED);
        assertThat(mean.estimate()).isCloseTo(.65, within(.25));
        assertThat(mean.lower()).isLessThanOrEqualTo(mean.estimate());
        assertThat(result.findings().get("transformer.gap").estimate()).isPositive();
        assertThat(result.findings().get("transformer.imitated.above").estimate())
                .isBetween(0.0, .05);
        assertThat(result.tables().get("transformers").rows()).hasSize(6);
        for (String way : List.of("imitated", "conditioned", "unrestricted", "mixed")) {
            Finding ai = result.findings().get("transformer.ai." + way);
            assertThat(ai.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(ai.estimate()).as(way).isCloseTo(estimate(result, "read.ai." + way), within(.2));
            assertThat(ai.lower()).isBetween(0.0, ai.estimate());
        }
        assertThat(result.findings().get("transformer.ai.added").estimate())
                .isCloseTo(
                        result.findings().get("transformer.ai.mixed").estimate()
                                - result.findings()
                                        .get("transformer.ai.imitated")
                                        .estimate(),
                        within(EXACT));
        assertThat(result.conclusion()).contains("2 seeds");
        assertThat(run(settings).findings().get("transformer.imitated.mean")).isEqualTo(mean);
    }

    /** Texts need not be written down where the reward reads a variable that they show. */
    @Test
    void aChainOfFortyVariables() throws IOException {
        StringBuilder yaml =
                new StringBuilder("world: chain\nvariables:\n  author: {hidden: true, values: {human: .8, ai: .2}}\n");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            yaml.append("  x").append(i).append(": {given: [").append(i == 0 ? "author" : "x" + (i - 1));
            yaml.append("], values: [0, 1], table: {")
                    .append(i == 0 ? "human: [.9, .1], ai: [.4, .6]" : "0: [.8, .2], 1: [.1, .9]")
                    .append("}}\n");
            text.append("{x").append(i).append('}');
        }
        yaml.append("text: \"").append(text).append("\"\nrewards: {last: {of: [x39], table: {0: 0, 1: 1}}}\n");
        yaml.append("populations: {humans: {author: human}}\n");
        Path file = folder.resolve("chain.yaml");
        Files.writeString(file, yaml);
        ExperimentResult result =
                run(Map.of("world", file.toString(), "population", "humans", "reward", "last", "lambda", "1"));
        double p = .1;
        double q = .6;
        for (int i = 1; i < 40; i++) {
            p = .2 * (1 - p) + .9 * p;
            q = .2 * (1 - q) + .9 * q;
        }
        assertThat(estimate(result, "demonstrated.mean")).isCloseTo(p, within(EXACT));
        double ofHuman = .8 * (1 - p + p * Math.E);
        double ofAi = .2 * (1 - q + q * Math.E);
        assertThat(estimate(result, "ai.unrestricted")).isCloseTo(ofAi / (ofHuman + ofAi), within(EXACT));
    }

    /** Whom texts are taken for by someone who is shown the texts alone: sums over quality and mark. */
    @Test
    void aReaderTakesSomeHumansForAis() {
        double[][] odd = {{.01, .01, .02, .02}, {.01, .01, .02, .03}, {.2, .2, .25, .3}, {.02, .02, .03, .05}};
        double[][] weights = {{.7, .2, 0, 0}, {.7, .2, .07, .03}, {.5 * 7 / 9, .5 * 2 / 9, .35, .15}};
        double[] lambdas = {0, 1.5, 0};
        double[] expected = new double[3];
        double conditioned = 0;
        for (int k = 0; k < 3; k++) {
            double z = 0;
            double zConditioned = 0;
            for (int q = 0; q < 4; q++) {
                for (int mark = 0; mark < 2; mark++) {
                    double all = 0;
                    double ai = 0;
                    double own = 0;
                    for (int a = 0; a < 4; a++) {
                        double p = QUALITY[a][q] * (mark == 1 ? odd[a][q] : 1 - odd[a][q]);
                        all += AUTHOR[a] * p;
                        ai += a >= 2 ? AUTHOR[a] * p : 0;
                        own += weights[k][a] * p;
                    }
                    z += own * Math.exp(lambdas[k] * q);
                    expected[k] += own * Math.exp(lambdas[k] * q) * ai / all;
                    zConditioned += k == 0 ? own * Math.exp(1.5 * q) : 0;
                    conditioned += k == 0 ? own * Math.exp(1.5 * q) * ai / all : 0;
                }
            }
            expected[k] /= z;
            conditioned = k == 0 ? conditioned / zConditioned : conditioned;
        }
        ExperimentResult result = run(Map.of("lambda", "1.5"));
        assertThat(estimate(result, "read.ai.imitated")).isCloseTo(expected[0], within(EXACT));
        assertThat(estimate(result, "read.ai.conditioned")).isCloseTo(conditioned, within(EXACT));
        assertThat(estimate(result, "read.ai.unrestricted"))
                .as("nothing but the texts is conditioned on")
                .isCloseTo(expected[1], within(EXACT))
                .isCloseTo(estimate(result, "ai.unrestricted"), within(EXACT));
        assertThat(estimate(result, "read.ai.mixed")).isCloseTo(expected[2], within(EXACT));
        assertThat(estimate(result, "read.ai.added")).isCloseTo(expected[2] - expected[0], within(EXACT));
        assertThat(run(Map.of("shares", "0")).findings()).doesNotContainKey("read.ai.mixed");
    }
}
