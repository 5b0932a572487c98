package dev.credence.lab.experiments;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhichConditionalTest {
    private static Map<String, Finding> run(Map<String, String> settings) {
        WhichConditional experiment = new WhichConditional();
        return experiment
                .run(ExperimentSettings.of(experiment, settings), line -> {})
                .findings();
    }

    private static double estimate(Map<String, Finding> findings, String id) {
        return findings.get(id).estimate();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T18.n1\"", "2, \"T18.n2\"", "5, \"T18.n5\"", "50, \"T18.n50\""})
    void theProbeTellsTheTwoApart(String n, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "filter." + n + ".probe"), key, "xlevel_y2");
        assertVector(estimate(f, "persona." + n + ".probe"), key, "persona_y2");
        double[] filter = {estimate(f, "filter." + n + ".weight.1"), estimate(f, "filter." + n + ".weight.2")};
        double[] persona = {estimate(f, "persona." + n + ".weight.1"), estimate(f, "persona." + n + ".weight.2")};
        assertVector(filter, key, "xlevel_w");
        assertVector(persona, key, "persona_w");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "beauty, \"T14.beauty\"",
                "approve, \"T14.approve\"",
                "sycophancy, \"T14.syco\"",
                "half, \"T14.half\""
            })
    void rivalRewardsAreHeldAgainstThePolicy(String name, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "candidate." + name + ".copies"), key, "lam");
        assertThat(estimate(f, "candidate." + name + ".departure"))
                .isCloseTo(Vectors.number(key, "departure"), within(Vectors.TOLERANCE));
        assertVector(estimate(f, "candidate." + name + ".bayes_fraction"), key, "bayes_frac");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "2, \"T22.maxKL_beta2.0\"",
                "1, \"T22.maxKL_beta1.0\"",
                ".5, \"T22.maxKL_beta0.5\"",
                ".25, \"T22.maxKL_beta0.25\""
            })
    void aBoundedRewardMovesNoPriorFar(String beta, String key) {
        Map<String, Finding> f = run(Map.of());
        assertVector(estimate(f, "bound." + beta + ".kl"), key, "maxKL");
        assertVector(estimate(f, "bound." + beta + ".hoeffding"), key, "bound_hoeff");
    }

    /** The control: authors who are alike, or a judge who accepts everything, leave nothing to tell apart. */
    @Test
    void withoutADifferenceThereIsNone() {
        Map<String, Finding> alike = run(Map.of("good", ".7,.7"));
        assertThat(estimate(alike, "filter.50.probe")).isCloseTo(estimate(alike, "persona.50.probe"), within(1e-12));
        Map<String, Finding> blind = run(Map.of("accept.good", ".5", "accept.bad", ".5"));
        assertThat(estimate(blind, "filter.50.probe")).isCloseTo(.55, within(1e-12));
        assertThat(estimate(blind, "persona.50.probe")).isCloseTo(.55, within(1e-12));
    }

    @Test
    void manyAuthorsAndManyAcceptancesStayFinite() {
        Map<String, Finding> f = run(Map.of(
                "weights", ".2,.3,.5", "good", ".1,.6,.95", "n", "100000", "accept.good", ".01", "accept.bad", ".001"));
        assertThat(estimate(f, "persona.100000.probe")).isCloseTo(.95, within(1e-9));
        assertThat(estimate(f, "filter.100000.weight.3"))
                .as("only good texts are left: weights by P(good | author)")
                .isCloseTo(.475 / (.02 + .18 + .475), within(1e-9));
    }

    @Test
    void refusesWhatIsNoWorld() {
        assertThatThrownBy(() -> run(Map.of("weights", ".5,.6")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("they add up to 1");
        assertThatThrownBy(() -> run(Map.of("reward", "nothing"))).isInstanceOf(InputException.class);
    }

    @Test
    void aPolicyThatDidNotMoveTellsNoRewardFromAnother() {
        WhichConditional experiment = new WhichConditional();
        ExperimentResult result = experiment.run(ExperimentSettings.of(experiment, Map.of("lambda", "0")), line -> {});
        assertThat(result.findings().get("candidate.approve.bayes_fraction").stands())
                .isFalse();
        assertThat(estimate(result.findings(), "candidate.beauty.separate")).isInfinite();
        assertThat(result.conclusion()).contains("the policy does not move").doesNotContain("–");
    }
}
