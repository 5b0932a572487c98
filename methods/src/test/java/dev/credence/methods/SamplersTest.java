package dev.credence.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;

/** Every sampler against its exact probabilities: χ² with fixed seeds, 100,000 draws. */
class SamplersTest {
    private static final int DRAWS = 100_000;
    private static final long TRIALS = 1_000_000;
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final Sampler<String> PRIOR = Sampler.of(T1, "");
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final RewardFunction APPROVAL = TestWorlds.reward(TestWorlds.t2Probabilities());
    private static final Judge<String> RATER = (text, random) -> random.nextDouble() < APPROVAL.reward("", text);

    @Test
    void rejectionAcceptsTheTilt() {
        Judge<String> accept = (text, random) -> random.nextDouble() < Math.exp(REWARD.reward("", text) - 3);
        assertDraws(RejectionSampler.accepting(PRIOR, accept, TRIALS), REWARD, RewardLikelihood.tilt(1));
    }

    @Test
    void simulatedObservationsGiveCopies() {
        assertDraws(RejectionSampler.copies(PRIOR, 2, RATER, TRIALS), APPROVAL, RewardLikelihood.copies(2));
        assertDraws(RejectionSampler.copies(PRIOR, 0, RATER, TRIALS), APPROVAL, RewardLikelihood.copies(0));
    }

    @Test
    void poissonRatersNeedOnlyYesAndNo() {
        assertDraws(
                RejectionSampler.poissonRaters(PRIOR, 3, RATER, TRIALS), APPROVAL, RewardLikelihood.poissonRaters(3));
        assertDraws(
                RejectionSampler.poissonRaters(PRIOR, .4, RATER, TRIALS), APPROVAL, RewardLikelihood.poissonRaters(.4));
    }

    @Test
    void bestOfNHasItsTrueProbabilities() {
        RewardFunction ties = TestWorlds.reward(0, 1, 1, 2);
        assertDraws(PoolSampler.bestOf(PRIOR, 4, text -> ties.reward("", text)), ties, RewardLikelihood.beats(4));
        Sampler<String> inner = PoolSampler.bestOf(PRIOR, 2, text -> ties.reward("", text));
        assertDraws(PoolSampler.bestOf(inner, 3, text -> ties.reward("", text)), ties, RewardLikelihood.beats(6));
    }

    @Test
    void lucePoolsChooseByOdds() {
        RewardFunction logit = (prompt, text) -> {
            double p = APPROVAL.reward(prompt, text);
            return Math.log(p / (1 - p));
        };
        Sampler<String> round = PoolSampler.luce(PRIOR, 3, text -> logit.reward("", text));
        assertDraws(round, logit, RewardLikelihood.lucePool(3));
        Sampler<String> two = PoolSampler.luce(round, 3, text -> logit.reward("", text));
        assertDraws(two, logit, RewardLikelihood.lucePool(3).rounds(2));
    }

    @Test
    void theTestCanFail() {
        assertThatThrownBy(() -> assertDraws(PRIOR, REWARD, RewardLikelihood.tilt(.03)))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void givesUpOnTheImpossible() {
        Sampler<String> impossible = RejectionSampler.accepting(PRIOR, (text, random) -> false, 1_000);
        assertThatThrownBy(() -> impossible.sample(new SplittableRandom(1)))
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("none of 1000 prior draws was accepted");
    }

    @Test
    void refusesBadArguments() {
        assertThatThrownBy(() -> RejectionSampler.copies(PRIOR, -1, RATER, 1)).hasMessageContaining("copies is -1");
        assertThatThrownBy(() -> RejectionSampler.poissonRaters(PRIOR, Double.NaN, RATER, 1))
                .hasMessageContaining("lambda is NaN");
        assertThatThrownBy(() -> RejectionSampler.accepting(PRIOR, RATER, 0)).hasMessageContaining("most trials is 0");
        assertThatThrownBy(() -> PoolSampler.bestOf(PRIOR, 0, text -> 0)).hasMessageContaining("pool size is 0");
    }

    private static void assertDraws(Sampler<String> sampler, RewardFunction reward, RewardLikelihood likelihood) {
        Distribution exact = TablePosterior.of(T1, reward, likelihood).model().given("");
        SplittableRandom random = new SplittableRandom(20260101);
        int[] count = new int[exact.size()];
        for (int i = 0; i < DRAWS; i++) {
            count[exact.indexOf(sampler.sample(random))]++;
        }
        double chiSquared = 0;
        for (int i = 0; i < count.length; i++) {
            double expected = DRAWS * exact.probability(i);
            chiSquared += (count[i] - expected) * (count[i] - expected) / expected;
        }
        double p = 1 - new ChiSquaredDistribution(count.length - 1).cumulativeProbability(chiSquared);
        assertThat(p).as("χ² = %s", chiSquared).isGreaterThan(1e-4);
    }
}
