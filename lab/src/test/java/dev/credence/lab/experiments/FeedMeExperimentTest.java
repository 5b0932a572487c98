package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedMeExperimentTest {
    private static final double[] PRIOR = {.4, .3, .2, .1};
    private static final double[] REWARD = {0, 1, 2, 3};

    @TempDir
    private Path folder;

    private static ExperimentResult result(Map<String, String> settings) {
        FeedMeExperiment experiment = new FeedMeExperiment();
        try {
            return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Finding> run(Map<String, String> settings) {
        return result(settings).findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("world.yaml"), yaml).toString();
    }

    /** KL, mean reward of the tilt of these four texts, by plain sums. */
    private static double[] tilt(double lambda) {
        double z = 0;
        double mean = 0;
        for (int i = 0; i < 4; i++) {
            z += PRIOR[i] * Math.exp(lambda * REWARD[i]);
            mean += PRIOR[i] * Math.exp(lambda * REWARD[i]) * REWARD[i];
        }
        return new double[] {lambda * mean / z - Math.log(z), mean / z};
    }

    @ParameterizedTest
    @CsvSource({"2, .5, .3, 2.3333333333333335", "1, .25, .6, 1.6666666666666667", "1.5, 2, .3, 2.3333333333333335"})
    void theFilterAndTheUpdateOfItsKlAreTheFormulas(String threshold, String beta, double mass, double mean) {
        Map<String, Finding> f = run(Map.of("threshold", threshold, "beta", beta));
        double kl = -Math.log(mass);
        assertThat(estimate(f, "filter.kl")).isCloseTo(kl, within(1e-12));
        assertThat(estimate(f, "filter.reward")).isCloseTo(mean, within(1e-12));
        assertThat(estimate(f, "filter.share")).isCloseTo(mass, within(1e-12));
        double lambda = estimate(f, "rl.copies");
        assertThat(tilt(lambda)[0]).as("KL of the tilt, by a plain sum").isCloseTo(kl, within(1e-9));
        assertThat(estimate(f, "rl.kl")).isCloseTo(kl, within(1e-9));
        assertThat(estimate(f, "rl.reward")).isCloseTo(tilt(lambda)[1], within(1e-9));
        assertThat(estimate(f, "gain")).isCloseTo(tilt(lambda)[1] - mean, within(1e-9));
        double fitted = estimate(f, "filter.copies");
        assertThat(tilt(fitted)[1]).as("the tilt of the filter's reward").isCloseTo(mean, within(1e-9));
        assertThat(estimate(f, "filter.bayes_fraction")).isCloseTo(tilt(fitted)[0] / kl, within(1e-9));
        assertThat(estimate(f, "filter.departure")).isCloseTo(kl - tilt(fitted)[0], within(1e-9));
        assertThat(estimate(f, "rl.bayes_fraction")).isCloseTo(1, within(1e-9));
        assertThat(estimate(f, "filter.repeat")).isZero();
        double stated = 1 / Double.parseDouble(beta);
        assertThat(estimate(f, "rl.beta.copies")).isEqualTo(stated);
        assertThat(estimate(f, "rl.beta.kl")).isCloseTo(tilt(stated)[0], within(1e-9));
        assertThat(estimate(f, "rl.beta.reward")).isCloseTo(tilt(stated)[1], within(1e-9));
        assertThat(f.get("filter.bayes_fraction").grade()).isEqualTo(Grade.EXACT);
    }

    @Test
    void theyShareWhatTheDistanceLeaves() {
        Map<String, Finding> f = run(Map.of());
        double lambda = estimate(f, "rl.copies");
        double z = 0;
        for (int i = 0; i < 4; i++) {
            z += PRIOR[i] * Math.exp(lambda * REWARD[i]);
        }
        double[] filter = {0, 0, 2 / 3.0, 1 / 3.0};
        double distance = 0;
        for (int i = 0; i < 4; i++) {
            distance += Math.abs(filter[i] - PRIOR[i] * Math.exp(lambda * REWARD[i]) / z) / 2;
        }
        assertThat(estimate(f, "distance")).isCloseTo(distance, within(1e-9));
    }

    @Test
    void roundsOfSoftSelectionAreCopies() {
        Map<String, Finding> f = run(Map.of("rounds", "1,2,5,40"));
        for (int rounds : new int[] {1, 2, 5, 40}) {
            assertThat(estimate(f, "soft." + rounds + ".copies")).isCloseTo(rounds, within(1e-9));
        }
        Map<String, Finding> notes = run(Map.of("world", "notebook", "world.reward", "bright", "rounds", "3"));
        assertThat(estimate(notes, "soft.3.copies")).isCloseTo(3, within(1e-9));
    }

    /** The control: where everything passes nothing changes. */
    @Test
    void aThresholdThatAllPassChangesNothing() {
        ExperimentResult result = result(Map.of("threshold", "0"));
        Map<String, Finding> f = result.findings();
        assertThat(estimate(f, "filter.kl")).isZero();
        assertThat(estimate(f, "rl.kl")).isZero();
        assertThat(estimate(f, "rl.copies")).isZero();
        assertThat(estimate(f, "distance")).isZero();
        assertThat(f.get("filter.bayes_fraction").stands()).isFalse();
        assertThat(result.conclusion()).contains("the filter changes nothing").doesNotContain("conditioning");
    }

    /** Where the largest reward alone passes, filter and RL without penalty are one. */
    @Test
    void theLargestRewardAloneIsTheLimitOfRl() {
        ExperimentResult result = result(Map.of("threshold", "3"));
        Map<String, Finding> f = result.findings();
        assertThat(estimate(f, "rl.copies")).isInfinite();
        assertThat(estimate(f, "filter.bayes_fraction")).isCloseTo(1, within(1e-9));
        assertThat(estimate(f, "distance")).isZero();
        assertThat(result.conclusion())
                .contains("the limit of β to 0")
                .doesNotContain("∞")
                .doesNotContain("NaN");
    }

    /** Two prompts, one strength for both: the KLs agree on average, not one by one. */
    @Test
    void severalPromptsShareTheCopies() throws IOException {
        String world = file("""
                prompts:
                  p: {weight: 1, prior: {a: .5, b: .3, c: .2}, reward: {a: 0, b: 1, c: 2}}
                  q: {weight: 3, prior: {a: .9, b: .1}, reward: {a: 0, b: 2}}
                """);
        Map<String, Finding> f = run(Map.of("world", world, "threshold", "1"));
        double kl = -.25 * Math.log(.5) - .75 * Math.log(.1);
        assertThat(estimate(f, "filter.kl")).isCloseTo(kl, within(1e-12));
        double lambda = estimate(f, "rl.copies");
        double z1 = .5 + .3 * Math.exp(lambda) + .2 * Math.exp(2 * lambda);
        double mean1 = (.3 * Math.exp(lambda) + .4 * Math.exp(2 * lambda)) / z1;
        double z2 = .9 + .1 * Math.exp(2 * lambda);
        double mean2 = .2 * Math.exp(2 * lambda) / z2;
        assertThat(.25 * (lambda * mean1 - Math.log(z1)) + .75 * (lambda * mean2 - Math.log(z2)))
                .isCloseTo(kl, within(1e-9));
        assertThat(estimate(f, "rl.bayes_fraction")).isCloseTo(1, within(1e-9));
    }

    @Test
    void theConclusionFollowsTheFigures() {
        assertThat(result(Map.of()).conclusion())
                .contains("68.2 % of the filter's move")
                .contains("1.74 copies");
        assertThat(result(Map.of("threshold", "1")).conclusion()).contains("40.0 % of the filter's move");
    }

    @Test
    void refusesWhatNothingReaches() {
        assertThatThrownBy(() -> run(Map.of("threshold", "3.5")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("threshold is 3.5; no text passes: the largest reward is 3");
        assertThatThrownBy(() -> run(Map.of("world", "helpful")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("world.reward is missing; the world has several rewards, name one of approve");
        assertThatThrownBy(() -> run(Map.of("world", "helpful", "world.reward", "kindness")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("kindness");
        assertThatThrownBy(() -> run(Map.of("rounds", "0"))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> run(Map.of("beta", "-1"))).isInstanceOf(InputException.class);
    }

    /** A quick run on the model that ships: figures in their ranges, the aims exact, seeds in the interval. */
    @Test
    void theTransformerIsAuditedBesideItsAims() {
        Map<String, String> quick = Map.of(
                "transformer", "yes",
                "transformer.steps", "6",
                "transformer.seeds", "2",
                "transformer.samples", "16",
                "transformer.threshold", "1",
                "horizon", "1");
        ExperimentResult result = result(quick);
        Map<String, Finding> f = result.findings();
        assertThat(estimate(f, "transformer.filter.aimed.kl"))
                .isCloseTo(estimate(f, "transformer.rl.aimed.kl"), within(1e-9));
        assertThat(estimate(f, "transformer.rl.aimed.bayes_fraction")).isCloseTo(1, within(1e-9));
        assertThat(estimate(f, "transformer.filter.aimed.bayes_fraction")).isLessThan(1);
        for (String method : new String[] {"filter", "rl"}) {
            Finding fraction = f.get("transformer." + method + ".bayes_fraction");
            assertThat(fraction.grade()).isEqualTo(Grade.ESTIMATED);
            assertThat(fraction.lower()).isBetween(0.0, fraction.estimate());
            assertThat(fraction.upper()).isBetween(fraction.estimate(), 1.0);
        }
        assertThat(result.tables().get("transformer").rows()).hasSize(8);
        assertThat(result.conclusion()).contains("trained with 2 seeds");
        assertThat(run(quick)).as("the same seed, the same figures").isEqualTo(f);
        assertThatThrownBy(() -> run(Map.of("transformer", "yes", "transformer.threshold", "90", "horizon", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("transformer.threshold is 90; no text of prompt 'ROMEO:\\n' passes");
        assertThatThrownBy(() -> run(Map.of(
                        "transformer",
                        "yes",
                        "transformer.steps",
                        "1",
                        "transformer.samples",
                        "2",
                        "transformer.threshold",
                        "2",
                        "horizon",
                        "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("so few texts pass that none was drawn");
    }
}
