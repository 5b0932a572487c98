package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** T5: two coin tosses, the second one's bias depending on the first; all four sequences enumerated. */
class RaoBlackwellKlTest {
    private static final double[] FIRST = {0.8, 0.5}; // policy, prior: probability of a one
    private static final double[][] SECOND = {{0.4, 0.3}, {0.9, 0.6}}; // after a zero, after a one

    private final double[] probability = new double[4];
    private final double[] sequenceK1 = new double[4];
    private final double[] sequenceK3 = new double[4];
    private final double[] tokenK3 = new double[4];
    private final double[] raoBlackwell = new double[4];

    RaoBlackwellKlTest() {
        for (int x = 0; x < 4; x++) {
            int first = x >> 1;
            int second = x & 1;
            double[] policy = logProbs(first, 0);
            double[] prior = logProbs(first, 1);
            double[] ratios = {policy[first] - prior[first], policy[2 + second] - prior[2 + second]};
            probability[x] = Math.exp(policy[first] + policy[2 + second]);
            sequenceK1[x] = KlEstimator.K1.sum(ratios, 0, 2);
            sequenceK3[x] = KlEstimator.K3.of(ratios[0] + ratios[1]);
            tokenK3[x] = KlEstimator.K3.sum(ratios, 0, 2);
            raoBlackwell[x] = new RaoBlackwellKl(2).add(policy, prior);
        }
    }

    /** Next-token log-probabilities (2, 2) of policy (0) or prior (1) along the prefixes of a sequence. */
    private static double[] logProbs(int first, int which) {
        double one = FIRST[which];
        double then = SECOND[first][which];
        return new double[] {Math.log(1 - one), Math.log(one), Math.log(1 - then), Math.log(then)};
    }

    private void assertMoments(double[] estimates, String key) {
        MeanAndVariance moments = MeanAndVariance.of(estimates, probability);
        Vectors.assertVector(moments.mean(), key, "mean");
        Vectors.assertVector(moments.variance(), key, "var");
    }

    @Test
    void hasTheMeansAndVariancesOfTheSheet() {
        assertMoments(sequenceK1, "T5.k1seq");
        assertMoments(sequenceK3, "T5.k3seq");
        assertMoments(tokenK3, "T5.k3tok");
        assertMoments(raoBlackwell, "T5.RB");
    }

    @Test
    void averagesOverDrawnSequences() {
        SplittableRandom random = new SplittableRandom(11);
        RaoBlackwellKl kl = new RaoBlackwellKl(2);
        for (int i = 0; i < 10_000; i++) {
            int first = random.nextDouble() < FIRST[0] ? 1 : 0;
            kl.add(logProbs(first, 0), logProbs(first, 1));
        }
        SampleMean estimate = kl.estimate();
        assertThat(estimate.mean()).isCloseTo(Vectors.number("T5.RB", "mean"), within(4 * estimate.standardError()));
        assertThat(estimate.variance()).isCloseTo(Vectors.number("T5.RB", "var"), within(5e-4));
        assertThat(estimate.count()).isEqualTo(10_000);
    }

    @Test
    void leavesOutTokensThatThePolicyNeverDrawsAndNotThoseThatThePriorLacks() {
        double[] sure = {0, Double.NEGATIVE_INFINITY};
        double[] even = {Math.log(0.5), Math.log(0.5)};
        assertThat(RaoBlackwellKl.klOfStep(sure, even, 0, 2)).isCloseTo(Math.log(2), within(1e-15));
        assertThat(RaoBlackwellKl.klOfStep(sure, sure, 0, 2)).isZero();
        assertThat(RaoBlackwellKl.klOfStep(even, sure, 0, 2)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(RaoBlackwellKl.klOfStep(new double[] {Double.NaN, 0}, even, 0, 2))
                .isNaN();
    }

    @Test
    void refusesShapesThatDoNotFit() {
        assertThatThrownBy(() -> new RaoBlackwellKl(0)).hasMessage("vocabulary is 0; it must be at least 1");
        RaoBlackwellKl kl = new RaoBlackwellKl(3);
        assertThatThrownBy(() -> kl.add(new double[6], new double[3]))
                .hasMessage("policyLogProbs has 6 numbers, priorLogProbs 3; both must be (T, 3)");
        assertThatThrownBy(() -> kl.add(new double[4], new double[4])).hasMessageContaining("has 4 numbers");
        assertThatThrownBy(() -> RaoBlackwellKl.klOfStep(new double[4], new double[3], 0, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(Arrays.stream(probability).sum()).isCloseTo(1, within(1e-15));
    }
}
