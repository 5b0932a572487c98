package dev.credence.core.posterior;

import static dev.credence.core.Vectors.assertSixDigits;
import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientFlowTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);

    private static GradientFlow ofT1() {
        return GradientFlow.of(T1, TestWorlds.reward(TestWorlds.t1Rewards()));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T11.vpg_T1.0\"", "5, \"T11.vpg_T5.0\"", "20, \"T11.vpg_T20.0\""})
    void leavesTheTiltFamily(double time, String key) {
        GradientFlow at = ofT1().until(time);
        assertVector(at.policy().given("").probabilities(), key, "p");
        assertVector(at.kl(), key, "KL0");
        assertThat(at.time()).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "1, \"T11.collapse_T1\"",
                "10, \"T11.collapse_T10\"",
                "100, \"T11.collapse_T100\"",
                "10000, \"T11.collapse_T10000\"",
                "1e6, \"T11.collapse_T1e+06\""
            })
    void ofEqualRewardsTheLikelierGrowsRicher(double time, String key) {
        TableModel prior = TableModel.of(TestWorlds.distribution(.6, .3, .1));
        double[] p = GradientFlow.of(prior, TestWorlds.reward(1, 1, 0))
                .until(time)
                .policy()
                .given("")
                .probabilities();
        assertSixDigits(p[0] / p[1], key, "ratio");
    }

    /** z = log p + a with Σ z as at the start, so that e^{−z₁} − e^{−z₂} = (1/p₁ − 1/p₂) e^{−a}. */
    @Test
    void conservesTheSumOfLogitsAndTheInvariantOfTies() {
        double[] start = {.45, .25, .2, .1};
        double[] p = GradientFlow.of(TableModel.of(TestWorlds.distribution(start)), TestWorlds.reward(2, 2, 1, -3))
                .until(1000)
                .policy()
                .given("")
                .probabilities();
        double shift = 0;
        for (int i = 0; i < p.length; i++) {
            shift += (Math.log(start[i]) - Math.log(p[i])) / p.length;
        }
        assertThat((1 / p[0] - 1 / p[1]) * Math.exp(-shift)).isCloseTo(1 / .45 - 1 / .25, within(1e-8));
    }

    /** Two texts: dz/dt of their log-odds u is 2g e^u/(1 + e^u)², which integrates to 2 sinh u + 2u. */
    @Test
    void ofTwoTextsTheLogOddsHaveAFormula() {
        double gap = .7;
        TableModel prior = TableModel.of(TestWorlds.distribution(.8, .2));
        double[] p = GradientFlow.of(prior, TestWorlds.reward(.3, .3 + gap))
                .until(40)
                .policy()
                .given("")
                .probabilities();
        double u = Math.log(p[1] / p[0]);
        double from = Math.log(.2 / .8);
        assertThat(2 * Math.sinh(u) + 2 * u - 2 * Math.sinh(from) - 2 * from).isCloseTo(2 * gap * 40, within(1e-8));
    }

    @Test
    void stopsAtAKlAndGoesOnFromThere() {
        GradientFlow at = ofT1().toKl(.5).orElseThrow();
        assertThat(at.kl()).isCloseTo(.5, within(1e-12));
        assertThat(ofT1().until(at.time()).kl()).as("by time").isCloseTo(.5, within(1e-10));
        GradientFlow on = at.toKl(1).orElseThrow();
        assertThat(on.time())
                .as("in one go")
                .isCloseTo(ofT1().toKl(1).orElseThrow().time(), within(1e-8));
        assertThat(ofT1().toKl(0).orElseThrow().time()).isZero();
        double limit = Math.log(10);
        assertThat(ofT1().toKl(limit - 1e-6).orElseThrow().kl()).isCloseTo(limit - 1e-6, within(1e-12));
        assertThat(ofT1().toKl(limit + 1e-6)).as("beyond its limit").isEmpty();
    }

    @Test
    void promptsFlowAtTheirWeights() {
        Map<String, Distribution> both = new LinkedHashMap<>();
        both.put("a", TestWorlds.T1);
        both.put("b", TestWorlds.distribution(.5, 0, .5, 0));
        TableModel prior = TableModel.of(both, Map.of("a", 3.0, "b", 1.0));
        GradientFlow at = GradientFlow.of(
                        prior,
                        (prompt, text) ->
                                TestWorlds.reward(TestWorlds.t1Rewards()).reward("", text))
                .until(4);
        assertThat(at.policy().given("a").probabilities())
                .containsExactly(ofT1().until(3).policy().given("").probabilities(), within(1e-10));
        assertThat(at.policy().given("b").probability(1)).as("excluded").isZero();
        assertThat(at.policy().given("b").probability(2)).isGreaterThan(.5);
    }

    @Test
    void standsStillWhereRewardsAreEqual() {
        GradientFlow at = GradientFlow.of(T1, TestWorlds.reward(7, 7, 7, 7)).until(1e6);
        assertThat(at.kl()).isCloseTo(0, within(1e-15));
        assertThat(at.time()).isEqualTo(1e6);
        assertThat(at.toKl(.1)).isEmpty();
    }

    @Test
    void refusesWhatCannotBeAscended() {
        assertThatThrownBy(() -> GradientFlow.of(T1, TestWorlds.reward(0, 1, 2, Double.NEGATIVE_INFINITY)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("it must be finite to be ascended");
        assertThatThrownBy(() -> ofT1().until(2).until(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the flow does not go back");
        assertThatThrownBy(() -> ofT1().until(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
