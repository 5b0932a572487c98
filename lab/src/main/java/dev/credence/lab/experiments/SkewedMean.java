package dev.credence.lab.experiments;

import dev.credence.core.audit.StudentT;
import java.util.Arrays;
import org.hipparchus.analysis.integration.gauss.GaussIntegrator;
import org.hipparchus.analysis.integration.gauss.GaussIntegratorFactory;

/**
 * The interval of the mean of a few values that a factor spreads: log-normal ones above a bound, logit-normal ones between two. On the
 * scale of the logarithm (logit) of the mean m(μ, σ) = E g(μ + σz), where it is nearly symmetric, with the error that the sample's own
 * mean and deviation leave by the delta method, and Student's quantile. Of log-normal values that is Cox's method as Olsson (2005)
 * modified it: ȳ + s²/2 ± t √(s²/n + s⁴/2(n−1)).
 */
final class SkewedMean {
    /** On a bound a value is taken for half as far from it as the nearest other, where that is within this share of the range. */
    private static final double NEAR = 0.25;

    private static final GaussIntegrator NORMAL = new GaussIntegratorFactory().hermite(40); // weight e^{−x²}

    private SkewedMean() {}

    /**
     * Its ends at 95 %.
     *
     * @param values two or more that differ, between the bounds
     * @param least bound, finite
     * @param most bound; may be ∞
     * @return (lower, upper); (∞, −∞) where values lie on a bound and the others far from it, so that neither family describes them
     */
    static double[] interval(double[] values, double least, double most) {
        double[] inside = inside(values, least, most);
        if (inside.length < 2) {
            return none();
        }
        boolean isAbove = most == Double.POSITIVE_INFINITY;
        double[] y = Arrays.stream(inside)
                .map(v -> isAbove ? Math.log(v - least) : Math.log(v - least) - Math.log(most - v))
                .toArray();
        int n = y.length;
        double mu = Arrays.stream(y).average().orElseThrow();
        double variance = Arrays.stream(y).map(v -> (v - mu) * (v - mu)).sum() / (n - 1);
        double sigma = Math.sqrt(variance);
        double centre = mu + variance / 2;
        double byMu = 1;
        double bySigma = sigma;
        if (!isAbove) {
            double m = mean(mu, sigma, 0);
            centre = Math.log(m) - Math.log1p(-m);
            byMu = mean(mu, sigma, 1) / (m * (1 - m));
            bySigma = mean(mu, sigma, 2) / (m * (1 - m));
        }
        double half = StudentT.ofMean(n)
                * Math.sqrt(byMu * byMu * variance / n + bySigma * bySigma * variance / (2 * (n - 1.0)));
        if (!Double.isFinite(centre) || !Double.isFinite(half)) {
            return none(); // too near a bound for a double
        }
        double low = centre - half;
        double high = centre + half;
        return isAbove
                ? new double[] {least + Math.exp(low), least + Math.exp(high)}
                : new double[] {least + (most - least) * logistic(low), least + (most - least) * logistic(high)};
    }

    private static double[] none() {
        return new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    }

    /** The values, those on a bound moved off it; none where they cannot be. */
    private static double[] inside(double[] values, double least, double most) {
        double above = Arrays.stream(values).filter(v -> v > least).min().orElse(least);
        double below = Arrays.stream(values).filter(v -> v < most).max().orElse(most);
        double range = most < Double.POSITIVE_INFINITY
                ? most - least
                : Arrays.stream(values).max().orElseThrow() - least;
        boolean isFarAbove =
                above - least > NEAR * range && Arrays.stream(values).anyMatch(v -> v <= least);
        boolean isFarBelow =
                most - below > NEAR * range && Arrays.stream(values).anyMatch(v -> v >= most);
        return isFarAbove || isFarBelow
                ? new double[0]
                : Arrays.stream(values)
                        .map(v -> v <= least ? (least + above) / 2 : v >= most ? (most + below) / 2 : v)
                        .toArray();
    }

    /** E g, E g′ or E g′z of g = logistic at μ + σz, z standard normal. */
    private static double mean(double mu, double sigma, int what) {
        double root = Math.sqrt(2);
        return NORMAL.integrate(x -> {
                    double g = logistic(mu + sigma * root * x);
                    return what == 0 ? g : g * (1 - g) * (what == 1 ? 1 : root * x);
                })
                / Math.sqrt(Math.PI);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
