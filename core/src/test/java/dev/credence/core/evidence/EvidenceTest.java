package dev.credence.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.TableModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private static final double NONE = Double.NEGATIVE_INFINITY;
    private static final RewardFunction LENGTH = (prompt, completion) -> completion.length();

    @Test
    void aPromptIsAPredicateOnTheBeginning() {
        Evidence evidence = Evidence.prompt("ab");
        assertThat(evidence.logLikelihood("", "abc")).isZero();
        assertThat(evidence.logLikelihood("", "acb")).isEqualTo(NONE);
        assertThat(evidence.bounds("", "abc")).isEqualTo(new LogBounds(0, 0));
        assertThat(evidence.bounds("", "a")).isEqualTo(LogBounds.PROBABILITY);
        assertThat(evidence.bounds("", "b")).isEqualTo(LogBounds.EXCLUDED);
        assertThat(evidence.describe()).isEqualTo("the text begins with 'ab'");
    }

    @Test
    void anEventIsZeroOrImpossible() {
        Evidence evidence = Evidence.event("an even length", (prompt, text) -> text.length() % 2 == 0);
        assertThat(evidence.logLikelihood("", "ab")).isZero();
        assertThat(evidence.logLikelihood("", "abc")).isEqualTo(NONE);
        assertThat(evidence.bounds("", "a")).isEqualTo(LogBounds.PROBABILITY);
        assertThat(evidence.describe()).isEqualTo("an even length");
    }

    @Test
    void aProbabilityIsReadAsItsLogarithm() {
        Evidence evidence = Evidence.probability((prompt, text) -> text.length() / 10.0);
        assertThat(evidence.logLikelihood("", "abc")).isCloseTo(Math.log(.3), within(1e-15));
        assertThat(evidence.logLikelihood("", "")).isEqualTo(NONE);
        assertThat(evidence.bounds("", "a")).isEqualTo(LogBounds.PROBABILITY);
        assertThat(evidence.describe()).contains("one observation");
        assertThatThrownBy(() -> evidence.logLikelihood("", "abcdefghijk"))
                .hasMessage("reward of completion 'abcdefghijk' is 1.1; an approval probability must be in [0, 1]");
        assertThatThrownBy(() -> Evidence.probability((p, t) -> Double.NaN).logLikelihood("", "a"))
                .hasMessageContaining("is NaN");
    }

    @Test
    void aRewardUnderAKlPenaltyIsEvidence() {
        Evidence evidence = Evidence.reward(LENGTH).atKl(.05);
        assertThat(evidence.logLikelihood("", "abc")).isCloseTo(60, within(1e-12));
        assertThat(evidence.describe()).isEqualTo("20 copies of the reward (beta 0.05)");
        assertThat(evidence.bounds("", "a")).isEqualTo(LogBounds.UNBOUNDED);
        assertThat(Evidence.reward(LENGTH).atKl(Double.POSITIVE_INFINITY).logLikelihood("", "abc"))
                .isZero();
        assertThat(Evidence.reward((p, t) -> NONE).times(-1).logLikelihood("", "a"))
                .isEqualTo(NONE);
        assertThatThrownBy(() -> Evidence.reward(LENGTH).atKl(0))
                .hasMessageContaining("beta is 0.0; the KL coefficient");
        assertThatThrownBy(() -> Evidence.reward(LENGTH).atKl(Double.NaN)).hasMessageContaining("beta is NaN");
        assertThatThrownBy(() -> Evidence.reward(LENGTH).times(Double.NaN)).hasMessageContaining("lambda is NaN");
    }

    @Test
    void evidenceAddsAndScales() {
        Evidence length = Evidence.reward(LENGTH).times(1);
        Evidence both = length.and(Evidence.prompt("a"));
        assertThat(both.logLikelihood("", "abc")).isEqualTo(3);
        assertThat(both.logLikelihood("", "bcd")).isEqualTo(NONE);
        assertThat(both.bounds("", "b")).isEqualTo(LogBounds.EXCLUDED); // though the length alone is unbounded
        assertThat(both.bounds("", "a")).isEqualTo(LogBounds.UNBOUNDED);
        assertThat(both.describe()).isEqualTo("1 copy of the reward (beta 1), and the text begins with 'a'");
        assertThat(both.times(2.5).logLikelihood("", "abc")).isEqualTo(7.5);
        assertThat(both.times(0).logLikelihood("", "bcd")).isZero();
        assertThat(both.times(0).bounds("", "b")).isEqualTo(new LogBounds(0, 0));
        assertThat(both.times(2).describe()).startsWith("2 independent copies of: 1 copy");
        assertThatThrownBy(() -> both.times(Double.POSITIVE_INFINITY)).hasMessageContaining("n is Infinity");
    }

    @Test
    void boundsScaleAndAdd() {
        LogBounds bounds = new LogBounds(-2, 3);
        assertThat(bounds.times(2)).isEqualTo(new LogBounds(-4, 6));
        assertThat(bounds.times(-2)).isEqualTo(new LogBounds(-6, 4));
        assertThat(bounds.plus(new LogBounds(1, 1))).isEqualTo(new LogBounds(-1, 4));
        assertThat(LogBounds.UNBOUNDED.plus(LogBounds.EXCLUDED)).isEqualTo(LogBounds.EXCLUDED);
        assertThatThrownBy(() -> new LogBounds(1, 0)).hasMessageContaining("bounds are [1.0, 0.0]");
        assertThatThrownBy(() -> new LogBounds(Double.NaN, 0)).hasMessageContaining("bounds are [NaN");
    }

    @Test
    void aPromiseBoundsEveryPrefixAndIsChecked() {
        Evidence promised = Evidence.reward(LENGTH).times(1).bounded(0, 4);
        assertThat(promised.logLikelihood("", "abcd")).isEqualTo(4);
        assertThat(promised.bounds("", "")).isEqualTo(new LogBounds(0, 4));
        assertThat(promised.describe()).isEqualTo("1 copy of the reward (beta 1)");
        assertThatThrownBy(() -> promised.logLikelihood("", "abcde"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("log-likelihood of completion 'abcde' is 5.0; it was promised to be in [0.0, 4.0]");
        assertThat(Evidence.prompt("a").bounded(NONE, -0.0).bounds("", "b")).isEqualTo(LogBounds.EXCLUDED);
        assertThat(Evidence.prompt("a").bounded(-1, 1).bounds("", "b")).isEqualTo(LogBounds.EXCLUDED);
    }

    @Test
    void evidenceOnAPriorKnowsThatPriorsTextsOnly() {
        TableModel prior = TableModel.of(TestWorlds.T1);
        RewardFunction reward = TestWorlds.reward(TestWorlds.t1Rewards());
        Evidence best = Evidence.beats(2, reward, prior);
        assertThat(best.logLikelihood("", "d")).isCloseTo(Math.log(.95), within(1e-12)); // mean of u over (.9, 1)
        assertThat(Evidence.topQuantile(.2, reward, prior).logLikelihood("", "c"))
                .isCloseTo(Math.log(.5), within(1e-12));
        assertThat(best.describe()).isEqualTo(RewardLikelihood.beats(2).describe());
        assertThatThrownBy(() -> best.logLikelihood("", "e"))
                .hasMessageContaining("completion 'e' of prompt '' is not in the prior's table");
        assertThat(Evidence.rewardLevel(2, reward).logLikelihood("", "c")).isZero();
        assertThat(Evidence.rewardLevel(2, reward).logLikelihood("", "b")).isEqualTo(NONE);
        assertThat(Evidence.rewardLevel(1, 2, reward).logLikelihood("", "b")).isZero();
        assertThat(Evidence.rewardLevel(1, 2, reward).describe()).isEqualTo("the reward is between 1 and 2");
        assertThat(Evidence.rewardLevel(1, (p, t) -> Double.NaN).logLikelihood("", "a"))
                .as("no number is no reason to exclude: the posterior refuses it")
                .isNaN();
    }

    @Test
    void aRewardIsEvidenceAsFarAsEachTextDecidesIt() {
        assertThat(Evidence.of(RewardLikelihood.atLeast(2), LENGTH).logLikelihood("", "ab"))
                .isZero();
        assertThat(Evidence.positive("not empty", LENGTH).logLikelihood("", "")).isEqualTo(NONE);
        assertThat(Evidence.positive("not empty", LENGTH).describe()).isEqualTo("not empty");
        for (RewardLikelihood ofAll : List.of(
                RewardLikelihood.beats(4),
                RewardLikelihood.topQuantile(.5),
                RewardLikelihood.lucePool(3),
                RewardLikelihood.tilt(Double.POSITIVE_INFINITY),
                RewardLikelihood.level(1).rounds(2))) {
            assertThatThrownBy(() -> Evidence.of(ofAll, LENGTH))
                    .hasMessage("likelihood is '" + ofAll.describe()
                            + "'; it depends on the rewards of all texts: name the prior");
        }
    }

    @Test
    void whatIsExcludedStaysSo() {
        Evidence a = Evidence.prompt("a");
        Evidence odd =
                Evidence.event("not b", (p, text) -> !text.startsWith("b")).times(-1);
        assertThat(odd.logLikelihood("", "b")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(a.and(odd).logLikelihood("", "b")).isEqualTo(NONE);
        assertThat(odd.and(a).logLikelihood("", "b")).isEqualTo(NONE);
        assertThat(a.and(Evidence.reward((p, t) -> Double.NaN).times(1)).logLikelihood("", "b"))
                .as("what is no number stays none")
                .isNaN();
        assertThat(LogBounds.EXCLUDED.times(-1)).isEqualTo(LogBounds.UNBOUNDED);
        assertThat(new LogBounds(NONE, 3).times(-1)).isEqualTo(new LogBounds(-3, Double.POSITIVE_INFINITY));
        assertThat(new LogBounds(1, 2).times(Double.MAX_VALUE).upper()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(new LogBounds(2, 2).times(Double.MAX_VALUE).lower()).isEqualTo(Double.MAX_VALUE);
    }
}
