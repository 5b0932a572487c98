package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BestOfNEstimatorTest {
    @Test
    void hasTheCurveOfTheSheet() {
        BestOfNEstimator estimator = BestOfNEstimator.of(new double[] {0.1, 0.5, 0.3, 0.9}, new double[] {1, 2, 0, -1});
        for (int n = 1; n <= 4; n++) {
            Vectors.assertVector(estimator.estimate(n), "T12.unbiased_bon", Integer.toString(n));
        }
        assertThat(estimator.poolSize()).isEqualTo(4);
    }

    @Test
    void isTheMeanOverAllSubsets() {
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int size = 1 + random.nextInt(9);
            int levels = seed % 2 == 0 ? 3 : 1_000_000; // with ties and without
            double[] proxy = new double[size];
            Arrays.setAll(proxy, i -> random.nextInt(levels));
            double[] value = random.doubles(size).toArray();
            BestOfNEstimator estimator = BestOfNEstimator.of(proxy, value);
            for (int n = 1; n <= size; n++) {
                assertThat(estimator.estimate(n)).isCloseTo(overSubsets(proxy, value, n), within(1e-12));
            }
        }
    }

    /** Mean over the subsets of size n of the mean value of the subset's best. */
    private static double overSubsets(double[] proxy, double[] value, int n) {
        double sum = 0;
        int subsets = 0;
        for (int subset = 0; subset < 1 << proxy.length; subset++) {
            if (Integer.bitCount(subset) == n) {
                subsets++;
                sum += best(proxy, value, subset);
            }
        }
        return sum / subsets;
    }

    private static double best(double[] proxy, double[] value, int subset) {
        double best = Double.NEGATIVE_INFINITY;
        double sum = 0;
        int tied = 0;
        for (int i = 0; i < proxy.length; i++) {
            if ((subset >> i & 1) == 1) {
                if (proxy[i] > best) {
                    best = proxy[i];
                    sum = 0;
                    tied = 0;
                }
                if (proxy[i] == best) {
                    sum += value[i];
                    tied++;
                }
            }
        }
        return sum / tied;
    }

    @Test
    void survivesLargePools() {
        int size = 100_000;
        double[] rank = new double[size];
        Arrays.setAll(rank, i -> i + 1);
        BestOfNEstimator estimator = BestOfNEstimator.of(rank, rank);
        for (int n : new int[] {1, 2, 1000, 50_000, 99_999, 100_000}) { // E max rank = n(N+1)/(n+1)
            assertThat(estimator.estimate(n)).isCloseTo(n * (size + 1.0) / (n + 1), within(1e-5));
        }
        assertThat(BestOfNEstimator.of(new double[size], rank).estimate(777)).isCloseTo(50_000.5, within(1e-6));
    }

    @Test
    void refusesWhatIsNoPool() {
        assertThatThrownBy(() -> BestOfNEstimator.of(new double[0], new double[0]))
                .hasMessage("0 proxies and 0 values; a pool has as many of each, and at least one");
        assertThatThrownBy(() -> BestOfNEstimator.of(new double[2], new double[1]))
                .hasMessageContaining("2 proxies and 1 values");
        assertThatThrownBy(() -> BestOfNEstimator.of(new double[2], new double[] {0, Double.NaN}))
                .hasMessage("draw 1 has proxy 0.0 and value NaN; neither may be NaN");
        assertThatThrownBy(() -> BestOfNEstimator.of(new double[] {Double.NaN}, new double[1]))
                .hasMessageContaining("draw 0 has proxy NaN");
        BestOfNEstimator estimator = BestOfNEstimator.of(new double[2], new double[2]);
        assertThatThrownBy(() -> estimator.estimate(3))
                .hasMessage("n is 3; best-of-n from a pool of 2 draws needs 1 <= n <= 2");
        assertThatThrownBy(() -> estimator.estimate(0)).hasMessageContaining("n is 0");
    }
}
