package dev.credence.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import org.junit.jupiter.api.Test;

class PoolShareTest {
    /** Every pool of three, one by one, ties split evenly among all orders. */
    @Test
    void isWhatEnumeratedPoolsKeep() {
        double[] prior = {.4, .3, .2, .1};
        double[] reward = {0, 1, 1, 2};
        for (double kept : new double[] {0.5, 1, 1.5, 2, 2.75, 3}) {
            double[] policy = new double[4];
            for (int i = 0; i < 64; i++) {
                int[] pool = {i / 16, i / 4 % 4, i % 4};
                double chance = prior[pool[0]] * prior[pool[1]] * prior[pool[2]];
                for (int own = 0; own < 3; own++) {
                    policy[pool[own]] += chance * share(pool, own, reward, kept) / kept;
                }
            }
            double[] logLikelihood = RewardLikelihood.amongBest(kept, 3).logLikelihoods(reward, prior);
            for (int i = 0; i < 4; i++) {
                double exact = prior[i] * Math.exp(logLikelihood[i]) * 3 / kept; // Z = kept/3
                assertThat(exact).as("%s of 3, outcome %d", kept, i).isCloseTo(policy[i], within(1e-12));
            }
        }
    }

    /** The part of one draw that is kept: its mean over the places that its ties may take. */
    private static double share(int[] pool, int own, double[] reward, double kept) {
        int better = 0;
        int equal = 0;
        for (int other : pool) {
            better += reward[other] > reward[pool[own]] ? 1 : 0;
            equal += reward[other] == reward[pool[own]] ? 1 : 0;
        }
        return Math.min(1, Math.max(0, (kept - better) / equal));
    }

    @Test
    void tendsToTheTopQuantile() {
        for (long seed = 0; seed < 4; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            double[] prior = world.prior().probabilities();
            double[] pool = RewardLikelihood.amongBest(750, 2_500).logLikelihoods(world.rewards(), prior);
            double[] top = RewardLikelihood.topQuantile(.3).logLikelihoods(world.rewards(), prior);
            double z = 0;
            for (int i = 0; i < top.length; i++) {
                assertThat(prior[i] * Math.exp(pool[i]))
                        .as("world %d", seed)
                        .isCloseTo(prior[i] * Math.exp(top[i]), within(0.02));
                z += prior[i] * Math.exp(pool[i]);
            }
            assertThat(z).as("world %d", seed).isCloseTo(.3, within(1e-6));
        }
    }

    @Test
    void theBestOfAPoolIsBestOfN() {
        RandomWorld world = RandomWorld.of(3);
        double[] prior = world.prior().probabilities();
        assertThat(RewardLikelihood.amongBest(1, 7).logLikelihoods(world.rewards(), prior))
                .containsExactly(RewardLikelihood.beats(7).logLikelihoods(world.rewards(), prior), within(1e-9));
        assertThat(RewardLikelihood.amongBest(2.5, 64).describe())
                .isEqualTo("being among the best 2.5 of 64 draws from the prior");
        assertThatThrownBy(() -> RewardLikelihood.amongBest(8, 7))
                .hasMessage("kept is 8.0 of a pool of 7; it must be above 0 and at most the pool");
        assertThatThrownBy(() -> RewardLikelihood.amongBest(Double.NaN, 7)).hasMessageStartingWith("kept is NaN");
    }
}
