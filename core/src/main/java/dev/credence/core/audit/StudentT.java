package dev.credence.core.audit;

/** The two-sided 95 % quantile of Student's t for real degrees of freedom, and what determines those. */
public final class StudentT {
    private static final double LEAST_FREEDOM = 3;
    private static final double TWO_SIDED = 0.95;

    private StudentT() {}

    /**
     * The quantile by its expansion about the normal one (Abramowitz and Stegun 26.7.5); within .004 from 3 degrees on.
     *
     * @param freedom degrees of freedom; fewer than 3 are taken for 3, NaN for infinitely many
     */
    static double quantile(double freedom) {
        double z = Intervals.Z;
        if (Double.isNaN(freedom) || freedom > 1e9) {
            return z;
        }
        double v = Math.max(freedom, LEAST_FREEDOM);
        double z2 = z * z;
        double first = z * (z2 + 1) / 4;
        double second = z * ((5 * z2 + 16) * z2 + 3) / 96;
        double third = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
        double fourth = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
        return z + (first + (second + (third + fourth / v) / v) / v) / v;
    }

    /**
     * The quantile for the mean of a few independent draws, whose degrees of freedom are one fewer than they are.
     *
     * @param draws how many, at least 2
     * @return what their standard error is multiplied with
     * @throws IllegalArgumentException if there are fewer
     */
    public static double ofMean(int draws) {
        return switch (draws) {
            case 2 -> Math.tan(Math.PI * (TWO_SIDED / 2)); // Cauchy's
            case 3 -> TWO_SIDED * Math.sqrt(2 / (1 - TWO_SIDED * TWO_SIDED));
            default -> {
                if (!(draws > LEAST_FREEDOM)) {
                    throw new IllegalArgumentException("draws are " + draws + "; a spread takes at least 2");
                }
                yield quantile(draws - 1.0);
            }
        };
    }

    /**
     * How many errors from a mean the end on the side of its long tail lies: Student's quantile and the first order of the ABC interval's
     * skewness (DiCiccio and Efron 1992), which widens that side and narrows none.
     *
     * @param quantile Student's
     * @param acceleration a = Σψ³/6(Σψ²)^{3/2} over the units' influences ψ, counted towards that side; below 0 where the tail is the other's
     * @return t + a(1 + 2z²), or t
     */
    public static double skewed(double quantile, double acceleration) {
        return quantile + Math.max(0, acceleration) * (1 + 2 * Intervals.Z * Intervals.Z);
    }

    /**
     * The relative variance of a stratum's variance estimate: (kurtosis − 1)/n, no less than a normal's 2/(n − 1).
     *
     * @param n units
     * @param second Σ ψ²
     * @param fourth Σ ψ⁴
     */
    static double spreadOfVariance(double n, double second, double fourth) {
        double kurtosis = second > 0 ? n * fourth / (second * second) : 3;
        return Math.max(2 / (n - 1), (kurtosis - 1) / n);
    }
}
