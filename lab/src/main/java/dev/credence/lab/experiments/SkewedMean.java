package dev.credence.lab.experiments;

import dev.credence.core.audit.StudentT;
import java.util.Arrays;

/**
 * The far end of the interval of the mean of a few values that a factor spreads: the end away from the bound that they lie near. Of
 * log-normal distances from the bound it is Cox's as Olsson (2005) modified it, exp(ȳ + s²/2 + t √(s²/n + s⁴/2(n−1))) with ȳ and s² of
 * their logarithms. Where the logarithms' long tail is below, as of squares, s² is that of those above ȳ, which the far end depends on.
 */
final class SkewedMean {
    /** A value on the bound is taken for half as far from it as the nearest other, where that is within this share of the range. */
    private static final double NEAR = 0.25;

    /** Of fewer values Student's quantile leaves room enough, and a spread of logarithms says next to nothing. */
    private static final int FEWEST = 3;

    /** Values without a bound are taken to have one so far beyond the nearest, of their range, over n²: .5 of it for three, .18 for five. */
    private static final double BEYOND = 4.5;

    /** Below this share of the most skewness that n values can have, they are taken to be spread evenly. */
    private static final double EVEN = 0.2;

    private SkewedMean() {}

    /**
     * Ends that have room for a tail where no bound is known: on the side to which the values are skewed, as though they had a bound a
     * little beyond the last on the other side, the closer the more values there are.
     *
     * @param values that differ
     * @return (lower, upper) at 95 %, the one of which that is not far away is (∞, −∞); both where the values are spread evenly
     */
    static double[] interval(double[] values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double square = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / n;
        double cube = Arrays.stream(values).map(x -> Math.pow(x - mean, 3)).sum() / n;
        double skewness = cube / Math.pow(square, 1.5);
        if (n < FEWEST || !(Math.abs(skewness) > EVEN * (n - 2) / Math.sqrt(n - 1))) {
            return new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        }
        double side = Math.signum(skewness);
        double[] turned = Arrays.stream(values).map(v -> side * v).toArray(); // so that their tail is above
        double least = Arrays.stream(turned).min().orElseThrow();
        double most = Arrays.stream(turned).max().orElseThrow();
        double bound = least - BEYOND / n / n * (most - least);
        double far = far(Arrays.stream(turned).map(v -> v - bound).toArray(), 0);
        double end = Double.isNaN(far) ? Double.NEGATIVE_INFINITY : bound + far;
        return side > 0 ? new double[] {Double.POSITIVE_INFINITY, end} : new double[] {-end, Double.NEGATIVE_INFINITY};
    }

    /**
     * Ends that have room for the tail on the one side.
     *
     * @param values that differ, between the bounds
     * @param least bound, finite
     * @param most bound; may be ∞
     * @return (lower, upper) at 95 %, the one of which that is not far away is (∞, −∞); both where there is nothing to say
     */
    static double[] interval(double[] values, double least, double most) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        boolean isLow = mean - least <= most - mean;
        double range = most < Double.POSITIVE_INFINITY
                ? most - least
                : Arrays.stream(values).max().orElse(Double.NaN) - least;
        double far =
                far(Arrays.stream(values).map(v -> isLow ? v - least : most - v).toArray(), NEAR * range);
        return new double[] {
            isLow || Double.isNaN(far) ? Double.POSITIVE_INFINITY : most - far,
            isLow && !Double.isNaN(far) ? least + far : Double.NEGATIVE_INFINITY
        };
    }

    /** How far from the bound the mean may be; NaN where that cannot be said. */
    private static double far(double[] distances, double near) {
        int n = distances.length;
        double nearest = Arrays.stream(distances).filter(x -> x > 0).min().orElse(Double.NaN);
        boolean isOnBound = Arrays.stream(distances).anyMatch(x -> x <= 0);
        if (n < FEWEST || Double.isNaN(nearest) || (isOnBound && nearest > near)) {
            return Double.NaN;
        }
        double[] y = Arrays.stream(distances)
                .map(x -> Math.log(x > 0 ? x : nearest / 2))
                .toArray();
        double centre = Arrays.stream(y).average().orElseThrow();
        double square = Arrays.stream(y).map(v -> (v - centre) * (v - centre)).sum();
        double above = Arrays.stream(y)
                .filter(v -> v > centre)
                .map(v -> (v - centre) * (v - centre))
                .average()
                .orElse(0);
        double variance = Math.min(square, n * above) / (n - 1);
        double half = StudentT.ofMean(n) * Math.sqrt(variance / n + variance * variance / (2 * (n - 1.0)));
        double mean = Arrays.stream(distances).average().orElseThrow();
        return Math.max(mean, Math.exp(centre + variance / 2)) * Math.exp(half);
    }
}
