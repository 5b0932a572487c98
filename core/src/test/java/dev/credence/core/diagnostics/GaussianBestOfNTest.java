package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;

/**
 * Best-of-n of a standard normal reward is no tilt of it: its log-ratio log n + (n − 1) log F(r) is bent. The
 * regressions of the log-ratio on the reward by quadrature, and the pool estimator against the order statistic.
 */
class GaussianBestOfNTest {
    private static final int N = 4;

    /** E[f(r)], with r the best of n standard normals; composite Gauss–Legendre on ±12. */
    private static double bestOf(int n, DoubleUnaryOperator f) {
        GaussIntegratorFactory factory = new GaussIntegratorFactory();
        double sum = 0;
        for (int cell = -48; cell < 48; cell++) {
            GaussIntegrator legendre = factory.legendre(12, cell / 4.0, (cell + 1) / 4.0);
            sum += legendre.integrate(r -> n * Math.exp((n - 1) * logCdf(r)) * density(r) * f.applyAsDouble(r));
        }
        return sum;
    }

    private static double density(double r) {
        return Math.exp(-r * r / 2) / Math.sqrt(2 * Math.PI);
    }

    private static double logCdf(double r) {
        return Math.log(0.5 * Erf.erfc(-r / Math.sqrt(2)));
    }

    private static double covariance(int n, DoubleUnaryOperator a, DoubleUnaryOperator b) {
        return bestOf(n, r -> a.applyAsDouble(r) * b.applyAsDouble(r)) - bestOf(n, a) * bestOf(n, b);
    }

    @Test
    void regressesOnTheRewardUnderThePrior() {
        double covariance = covariance(1, r -> r, GaussianBestOfNTest::logCdf);
        double variance = covariance(1, GaussianBestOfNTest::logCdf, GaussianBestOfNTest::logCdf);
        Vectors.assertVector(bestOf(1, GaussianBestOfNTest::logCdf), "B.gauss", "E_logF");
        Vectors.assertVector(covariance, "B.gauss", "cov");
        Vectors.assertVector(variance, "B.gauss", "var");
        Vectors.assertVector(covariance * covariance / variance, "B.gauss", "R2");
    }

    @Test
    void regressesOnTheRewardUnderThePolicy() {
        DoubleUnaryOperator logRatio = r -> Math.log(N) + (N - 1) * logCdf(r);
        double slope = covariance(N, r -> r, logRatio) / covariance(N, r -> r, r -> r);
        Vectors.assertSixDigits(slope, "B.gauss_bon4_OLS_under_policy", "slope");
        Vectors.assertVector(covariance(1, r -> r, logRatio), "B.gauss_bon4_OLS_under_policy", "slope_under_prior");
        // The tilt of a standard normal by λ has mean λ, so the moments match where λ is the mean.
        Vectors.assertVector(bestOf(N, r -> r), "B.gauss_bon4_OLS_under_policy", "momentmatch");
    }

    @Test
    void departsFromEveryTilt() {
        double mean = bestOf(N, r -> r);
        double kl = bestOf(N, r -> Math.log(N) + (N - 1) * logCdf(r));
        double explained = mean * mean / 2;
        Vectors.assertVector(mean, "T7.gauss_bon4", "Emax");
        Vectors.assertVector(mean, "T7.gauss_bon4", "lam_mm");
        Vectors.assertVector(explained, "T7.gauss_bon4", "KL_family");
        Vectors.assertVector(kl, "T7.gauss_bon4", "KL_bon");
        Vectors.assertVector(kl - explained, "T7.gauss_bon4", "departure");
        Vectors.assertVector(explained / kl, "T7.gauss_bon4", "bayes_fraction");
        assertThat(kl).isCloseTo(Math.log(N) - (N - 1.0) / N, within(Vectors.EXACT));
    }

    @Test
    void aPoolEstimatesTheBestOfNWithoutBias() {
        SplittableRandom random = new SplittableRandom(9);
        RunningMean estimates = new RunningMean();
        for (int repetition = 0; repetition < 4000; repetition++) {
            double[] pool = new double[12];
            for (int i = 0; i < pool.length; i++) {
                pool[i] = random.nextGaussian();
            }
            estimates.add(BestOfNEstimator.of(pool, pool).estimate(N));
        }
        SampleMean result = estimates.result();
        assertThat(result.mean())
                .isCloseTo(Vectors.number("T7.gauss_bon4", "Emax"), within(4 * result.standardError()));
        assertThat(result.standardError()).isLessThan(0.01);
    }
}
