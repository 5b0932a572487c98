package dev.credence.core.probability;

/** Arithmetic on logarithms (nats): sums, means, differences, without overflow or cancellation. */
public final class LogMath {
    private static final double TOLD = 1e-7; // nats
    private static final double NEAR = 16; // nats, of a sum beside which the digits of log-probabilities are not lost

    private LogMath() {}

    /**
     * Whether sums of this size still tell ten millionths of a nat apart: beyond some 5·10^8 nats the next double is farther, and what a
     * prior adds to evidence of that strength is rounded away.
     *
     * @param nats any
     * @return whether differences of such numbers can be spoken of; true of infinities
     */
    public static boolean hasDigits(double nats) {
        return Double.isInfinite(nats) || Math.ulp(nats) <= TOLD;
    }

    /**
     * {@code log Σ exp(x)}.
     *
     * @param x log-terms; −∞ is a zero term
     * @return nats; −∞ for no or only zero terms; NaN if a term is NaN
     */
    public static double logSumExp(double[] x) {
        return logSumExp(x, 0, x.length);
    }

    /**
     * {@code log Σ exp(x[i])} over a range.
     *
     * @param x log-terms
     * @param from first position
     * @param to one past the last position
     * @return nats
     */
    public static double logSumExp(double[] x, int from, int to) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, x[i]); // Math.max keeps NaN
        }
        if (!(Math.abs(max) < Double.POSITIVE_INFINITY)) {
            return max;
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += Math.exp(x[i] - max);
        }
        return max + Math.log(sum);
    }

    /**
     * What log-weights are measured from so that their differences keep their digits.
     *
     * @param largest the largest of them, nats
     * @return it, or 0 where it is near 0 or not finite
     */
    public static double pivot(double largest) {
        return Math.abs(largest) < NEAR || Double.isInfinite(largest) ? 0 : largest;
    }

    /**
     * Log-weights made to sum to one. Those that are far from 0 are measured from the largest first: the logarithm of their sum has no
     * digits left for the differences.
     *
     * @param logWeights log-weights, at least one above −∞, each below ∞
     * @return log-probabilities, nats
     */
    public static double[] normalised(double[] logWeights) {
        double max = Double.NEGATIVE_INFINITY;
        for (double each : logWeights) {
            max = Math.max(max, each);
        }
        double[] measured = less(logWeights, pivot(max));
        return less(measured, logSumExp(measured));
    }

    private static double[] less(double[] values, double by) {
        double[] less = new double[values.length];
        for (int i = 0; i < less.length; i++) {
            less[i] = values[i] - by;
        }
        return less;
    }

    /**
     * {@code log(exp(a) + exp(b))}.
     *
     * @param a nats
     * @param b nats
     * @return nats
     */
    public static double logAddExp(double a, double b) {
        double max = Math.max(a, b);
        if (!(Math.abs(max) < Double.POSITIVE_INFINITY)) {
            return max;
        }
        return max + Math.log1p(Math.exp(Math.min(a, b) - max));
    }

    /**
     * {@code log(1 − exp(x))} for x ≤ 0, accurate at both ends (Mächler 2012, equation 7).
     *
     * @param x nats, ≤ 0
     * @return nats; −∞ at x = 0
     * @throws IllegalArgumentException if x is positive or NaN
     */
    public static double log1mExp(double x) {
        if (!(x <= 0)) {
            throw new IllegalArgumentException("x is " + x + "; log(1 - exp(x)) needs x <= 0");
        }
        return x > -0.6931471805599453 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
    }

    /**
     * {@code log(exp(a) − exp(b))} for a ≥ b.
     *
     * @param a nats
     * @param b nats, ≤ a
     * @return nats; −∞ where they are equal
     * @throws IllegalArgumentException if b exceeds a or one is NaN
     */
    public static double logSubExp(double a, double b) {
        return b == Double.NEGATIVE_INFINITY ? a : a + log1mExp(b - a);
    }

    /**
     * {@code log((1/n) Σ exp(x))}.
     *
     * @param x log-terms, at least one
     * @return nats
     */
    public static double logMeanExp(double[] x) {
        return logSumExp(x) - Math.log(x.length);
    }
}
