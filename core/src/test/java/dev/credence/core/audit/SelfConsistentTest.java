package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The self-consistent root against a dense scan, and in closed form where there are two rewards. */
class SelfConsistentTest {
    private static double range(PromptPool pool) {
        return pool.mean(m -> m.moments().maxReward() - m.moments().minReward());
    }

    /** Distance from a centre to the nearest change of sign, up to a limit. */
    private static double nearest(PromptPool pool, double center, double limit, double step) {
        double first = Pools.excess(pool, center);
        for (double away = step; away < limit; away += step) {
            if (first * Pools.excess(pool, center + away) < 0 || first * Pools.excess(pool, center - away) < 0) {
                return away;
            }
        }
        return limit;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "3, 1", "3, 2"}) // with more noise two roots can lie within one stride of the scan
    void itIsARootAndNoneIsMuchNearer(double noise, int prompts) {
        int scanned = 0;
        for (long seed = 0; seed < 60; seed++) {
            PromptPool pool = Pools.random(seed, prompts, noise);
            double start = MomentMatch.solve(pool);
            SelfConsistent found = SelfConsistent.solve(pool, start);
            double root = found.lambda();
            double h = 1e-6 * Math.max(Math.abs(root), 1 / range(pool));
            double above = Pools.excess(pool, root + h);
            double below = Pools.excess(pool, root - h);
            assertThat(above * below).as("signs about the root, seed " + seed).isNegative();
            double slope = (above - below) / (2 * h);
            assertThat(found.slope()).as("slope, seed " + seed).isCloseTo(slope, within(1e-4 * Math.abs(slope)));
            double distance = Math.abs(root - start);
            double newton = 0.5 * Math.abs(start) + 1 / range(pool);
            if (distance > newton) {
                scanned++;
                double unit = Math.max(Math.abs(start), 1 / range(pool));
                assertThat(distance)
                        .as("distance, seed " + seed)
                        .isLessThan(1.12 * nearest(pool, start, distance, 0.02 * unit) + 0.05 * unit);
            }
        }
        assertThat(scanned).as("roots beyond Newton's reach").isPositive();
    }

    /** Prior ½, ¼, ¼ and rewards 0, 1, 1; the policy is ½, ½ and e^-k: r's two levels have λ = E(ℓ|1) − E(ℓ|0). */
    private static PromptPool twoLevels(double k, boolean up) {
        double[] prior = {.5, .25, .25};
        double rest = -Math.log1p(Math.exp(-k));
        double[] policy = {Math.log(.5), Math.log(.5) + rest, Math.log(.5) + rest - k};
        double[] reward = up ? new double[] {1, 0, 0} : new double[] {0, 1, 1};
        ExactPrompt prompt = new ExactPrompt(
                "q",
                1,
                new double[] {Math.log(prior[0]), Math.log(prior[1]), Math.log(prior[2])},
                policy,
                new double[][] {reward},
                new int[] {1, 1, 1});
        return new PromptPool(java.util.List.of(PromptAtoms.of(new TableAtoms(prompt, 0), Double.NaN)));
    }

    @ParameterizedTest
    @CsvSource({"0.5", "1.9", "2.9", "4", "9", "60", "500", "800"})
    void twoRewardsHaveOneRoot(double k) {
        for (boolean up : new boolean[] {false, true}) {
            PromptPool pool = twoLevels(k, up);
            double rest = -Math.log1p(Math.exp(-k));
            double expected = Math.log(2) + rest - k / 2; // mean ℓ of the two that share a reward, less 0
            SelfConsistent found = SelfConsistent.solve(pool, MomentMatch.solve(pool));
            assertThat(found.lambda())
                    .isCloseTo(up ? -expected : expected, within(1e-10 * Math.max(1, Math.abs(expected))));
            assertThat(found.fits()).hasSize(1);
        }
    }

    @Test
    void aRootTooFarAwayIsNone() {
        for (boolean up : new boolean[] {false, true}) {
            PromptPool pool = twoLevels(1000, up); // half of that is beyond the scan's 410 ranges
            SelfConsistent found = SelfConsistent.solve(pool, MomentMatch.solve(pool));
            assertThat(found.lambda()).isNaN();
            assertThat(found.slope()).isNaN();
            assertThat(found.fits()).isEmpty();
        }
    }

    @Test
    void withoutSupportOrAFiniteStartThereIsNone() {
        double[] prior = {.5, .25, .25};
        double[] reward = {0, 1, 2};
        PromptPool dropped = Pools.table(prior, new double[] {.5, .5, 0}, reward, Double.NaN);
        assertThat(SelfConsistent.solve(dropped, MomentMatch.solve(dropped)).lambda())
                .isNaN();
        PromptPool whole = Pools.table(prior, new double[] {.2, .3, .5}, reward, Double.NaN);
        for (double start : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThat(SelfConsistent.solve(whole, start).lambda()).isNaN();
        }
    }
}
