package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentMatchTest {
    private static final double[] THIRDS = {1.0 / 3, 1.0 / 3, 1.0 / 3};

    private static double solve(double[] prior, double[] policy, double... reward) {
        return MomentMatch.solve(Pools.table(prior, policy, reward, Double.NaN));
    }

    @ParameterizedTest
    @CsvSource({"0.3, 1", "3, 1", "3, 3", "9, 2", "20, 1", "20, 4"})
    void theTiltHasThePolicysReward(double noise, int prompts) {
        for (long seed = 0; seed < 80; seed++) {
            PromptPool pool = Pools.random(seed, prompts, noise);
            double lambda = MomentMatch.solve(pool);
            assertThat(lambda).isFinite();
            assertThat(Pools.meanReward(pool, lambda))
                    .as("seed " + seed)
                    .isCloseTo(Pools.policyReward(pool), within(1e-12));
        }
    }

    /** Two outcomes: λ is the change of log-odds over the difference of rewards, however close to an end. */
    @ParameterizedTest
    @CsvSource({
        ".3, .5, 1",
        ".3, .3, 1",
        ".9, .2, 1",
        ".5, .999999999999, 1",
        ".5, 1e-14, 1",
        "1e-9, .5, 3",
        ".2, .6, 1e-6",
        ".2, .6, 1e5",
        ".2, .6, -2"
    })
    void twoOutcomesHaveTheirLogOdds(double prior, double policy, double reward) {
        double shift = Math.log(policy / (1 - policy)) - Math.log(prior / (1 - prior));
        double lambda = solve(new double[] {1 - prior, prior}, new double[] {1 - policy, policy}, 0, reward);
        assertThat(lambda).isCloseTo(shift / reward, within(1e-9 * Math.abs(shift / reward) + 1e-12));
    }

    @Test
    void shiftsOfTheRewardChangeNothing() {
        double[] policy = {.2, .3, .5};
        double lambda = solve(THIRDS, policy, 0, 1, 3);
        assertThat(solve(THIRDS, policy, -7, -6, -4)).isCloseTo(lambda, within(1e-12));
        assertThat(solve(THIRDS, policy, 0, -1, -3)).isCloseTo(-lambda, within(1e-12));
        assertThat(solve(THIRDS, policy, 0, 10, 30)).isCloseTo(lambda / 10, within(1e-12));
    }

    @Test
    void nothingButTheLargestRewardIsInfinitelyManyCopies() {
        assertThat(solve(THIRDS, new double[] {0, 0, 1}, 0, 1, 2)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(solve(THIRDS, new double[] {1, 0, 0}, 0, 1, 2)).isEqualTo(Double.NEGATIVE_INFINITY);
        // ties at the largest: any split of it
        assertThat(solve(THIRDS, new double[] {0, .9, .1}, 0, 2, 2)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(solve(THIRDS, new double[] {.4, .6, 0}, 0, 0, 2)).isEqualTo(Double.NEGATIVE_INFINITY);
        // a trifle elsewhere: finite
        assertThat(solve(THIRDS, new double[] {1e-12, .9, .1 - 1e-12}, 0, 2, 2))
                .isCloseTo((Math.log((1 - 1e-12) / 1e-12) - Math.log(2)) / 2, within(1e-9));
    }

    @Test
    void aRewardThatDoesNotVaryHasNoCopies() {
        assertThat(solve(THIRDS, new double[] {.2, .3, .5}, 4, 4, 4)).isNaN();
        PromptPool both = new PromptPool(List.of(
                Pools.member("still", 3, THIRDS, new double[] {.2, .3, .5}, new double[] {4, 4, 4}, Double.NaN),
                Pools.member("moved", 1, THIRDS, new double[] {.2, .3, .5}, new double[] {0, 0, 1}, Double.NaN)));
        assertThat(MomentMatch.solve(both)).isCloseTo(Math.log(2), within(1e-12)); // odds ½ to 1
    }

    @Test
    void onePromptAtItsLargestRewardIsNotAll() {
        PromptPool pool = new PromptPool(List.of(
                Pools.member("top", 1, new double[] {.5, .5}, new double[] {0, 1}, new double[] {0, 1}, Double.NaN),
                Pools.member(
                        "half", 1, new double[] {.5, .5}, new double[] {.5, .5}, new double[] {0, 1}, Double.NaN)));
        assertThat(MomentMatch.solve(pool)).isCloseTo(Math.log(3), within(1e-12)); // ¾ of the way up
    }

    /** Rewards far apart, one of them nearly unreachable: the log-odds of the mean are bent, and Newton overshoots. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-6, 1e-9, 1e-12})
    void aRareJackpotIsStillMatched(double rare) {
        for (double mean : new double[] {.001, .5, .99, 1.001, 2, 50, 500, 999}) {
            double[] prior = {.5 - rare, .5, rare};
            double high = mean / 1000;
            double low = Math.min(mean, 1);
            double[] policy = mean <= 1
                    ? new double[] {1 - low - 1e-15, low, 1e-15}
                    : new double[] {.5 * (1 - high), .5 * (1 - high), high};
            PromptPool pool = Pools.table(prior, policy, new double[] {0, 1, 1000}, Double.NaN);
            double lambda = MomentMatch.solve(pool);
            assertThat(Pools.meanReward(pool, lambda))
                    .as("mean " + mean)
                    .isCloseTo(Pools.policyReward(pool), within(1e-9));
        }
    }
}
