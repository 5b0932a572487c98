package dev.credence.core.diagnostics;

import static dev.credence.core.diagnostics.Examples.PRIOR;
import static dev.credence.core.diagnostics.Examples.posterior;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.credence.core.Vectors;
import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KlEstimatorTest {
    private static final GaussIntegrator HERMITE = new GaussIntegratorFactory().hermite(40);

    static Stream<Arguments> discrete() {
        return Stream.of(
                arguments("T4.disc.k1", KlEstimator.K1),
                arguments("T4.disc.k2", KlEstimator.K2),
                arguments("T4.disc.k3", KlEstimator.K3));
    }

    static Stream<Arguments> gaussian() {
        return Stream.of(
                arguments("T4.gauss.mu0.1.k1", KlEstimator.K1, 0.1),
                arguments("T4.gauss.mu0.1.k2", KlEstimator.K2, 0.1),
                arguments("T4.gauss.mu0.1.k3", KlEstimator.K3, 0.1),
                arguments("T4.gauss.mu1.0.k1", KlEstimator.K1, 1.0),
                arguments("T4.gauss.mu1.0.k2", KlEstimator.K2, 1.0),
                arguments("T4.gauss.mu1.0.k3", KlEstimator.K3, 1.0));
    }

    @ParameterizedTest
    @MethodSource("discrete")
    void hasTheMomentsOfTheSheet(String key, KlEstimator estimator) {
        MeanAndVariance moments = estimator.moments(posterior(1), PRIOR);
        Vectors.assertVector(moments.mean(), key, "mean");
        Vectors.assertVector(moments.standardDeviation(), key, "sd");
        double kl = posterior(1).expectation(Examples.logRatios(posterior(1)));
        Vectors.assertVector(moments.mean() - kl, key, "bias");
    }

    @ParameterizedTest
    @MethodSource("gaussian")
    void hasSchulmansGaussianTable(String key, KlEstimator estimator, double mu) {
        double kl = mu * mu / 2;
        double mean = underStandardNormal(x -> estimator.of(logRatio(x, mu)));
        double second = underStandardNormal(x -> Math.pow(estimator.of(logRatio(x, mu)) - mean, 2));
        Vectors.assertVector(mean, key, "mean");
        assertThat((mean - kl) / kl).isCloseTo(Vectors.number(key, "bias_over_true"), within(5e-7));
        assertThat(Math.sqrt(second) / kl).isCloseTo(Vectors.number(key, "sd_over_true"), within(5.001e-7));
    }

    /** log N(x; 0, 1) − log N(x; μ, 1). */
    private static double logRatio(double x, double mu) {
        return mu * mu / 2 - mu * x;
    }

    private static double underStandardNormal(DoubleUnaryOperator f) {
        return HERMITE.integrate(t -> f.applyAsDouble(Math.sqrt(2) * t)) / Math.sqrt(Math.PI);
    }

    @Test
    void streamsWhatTheTableSays() {
        Distribution policy = posterior(1);
        double[] logRatios = Examples.logRatios(policy);
        SplittableRandom random = new SplittableRandom(5);
        int[] draws = IntStream.range(0, 40_000).map(i -> policy.sample(random)).toArray();
        for (KlEstimator estimator : KlEstimator.values()) {
            MeanAndVariance truth = estimator.moments(policy, PRIOR);
            RunningMean mean = new RunningMean();
            Arrays.stream(draws).forEach(draw -> mean.add(estimator.of(logRatios[draw])));
            SampleMean estimate = mean.result();
            assertThat(estimate.count()).isEqualTo(40_000);
            assertThat(estimate.mean()).isCloseTo(truth.mean(), within(4 * estimate.standardError()));
            assertThat(estimate.standardError()).isCloseTo(truth.standardDeviation() / 200, within(1e-4));
        }
    }

    @Test
    void keepsItsDigitsNearZeroAndIsInfiniteWhereThePriorIsZero() {
        assertThat(KlEstimator.K3.of(1e-6)).isCloseTo(5e-13, within(1e-18));
        for (KlEstimator estimator : KlEstimator.values()) {
            assertThat(estimator.of(0)).isZero();
            assertThat(estimator.of(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        }
    }

    @Test
    void sumsOverTokens() {
        double[] tokens = {9, 0.5, -0.25, 9};
        assertThat(KlEstimator.K1.sum(tokens, 1, 3)).isEqualTo(0.25);
        assertThat(KlEstimator.K2.sum(tokens, 1, 3)).isEqualTo(0.15625);
        assertThat(KlEstimator.K3.sum(tokens, 1, 3))
                .isCloseTo(Math.exp(-0.5) - 1 + 0.5 + Math.exp(0.25) - 1 - 0.25, within(1e-15));
        assertThatThrownBy(() -> KlEstimator.K1.sum(tokens, 1, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void refusesWhatNoDrawCanHave() {
        assertThatThrownBy(() -> KlEstimator.K1.moments(PRIOR, Distribution.uniform(List.of("a"))))
                .hasMessage("policy has 4 outcomes, prior 1");
    }
}
