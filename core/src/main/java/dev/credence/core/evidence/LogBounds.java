package dev.credence.core.evidence;

/**
 * What is known of a log-likelihood before the text is complete, nats.
 *
 * @param lower no completion of the prefix has less; −∞ where nothing is known
 * @param upper no completion of the prefix has more; −∞ where the prefix is already excluded, ∞ where nothing is known
 */
public record LogBounds(double lower, double upper) {
    /** Nothing is known. */
    public static final LogBounds UNBOUNDED = new LogBounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** No completion is possible: the branch can be pruned. */
    public static final LogBounds EXCLUDED = new LogBounds(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /** A probability: anything up to one. */
    public static final LogBounds PROBABILITY = new LogBounds(Double.NEGATIVE_INFINITY, 0);

    /** The evidence says nothing more. */
    static final LogBounds NOTHING = new LogBounds(0, 0);

    /**
     * Checks the order.
     *
     * @param lower as above
     * @param upper as above
     * @throws IllegalArgumentException unless lower ≤ upper and lower is below ∞
     */
    public LogBounds {
        if (!(lower <= upper && lower < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("bounds are [" + lower + ", " + upper
                    + "]; the lower must be below infinity and not above the upper");
        }
    }

    /** The same where arithmetic overflowed: a lower bound may be as large as a number gets, but is one. */
    static LogBounds of(double lower, double upper) {
        return new LogBounds(Math.min(lower, Double.MAX_VALUE), upper);
    }

    /**
     * Bounds of a sum of log-likelihoods.
     *
     * @param other bounds of the other term
     * @return their sum; excluded where one is
     */
    public LogBounds plus(LogBounds other) {
        if (upper == Double.NEGATIVE_INFINITY || other.upper == Double.NEGATIVE_INFINITY) {
            return EXCLUDED;
        }
        return of(lower + other.lower, upper + other.upper);
    }

    /**
     * Bounds of n copies.
     *
     * @param n copies, real
     * @return the bounds, exchanged for a negative n; none where a negative n is of what is excluded, whose log-likelihood
     *     is ∞
     */
    public LogBounds times(double n) {
        if (n == 0) {
            return NOTHING;
        }
        if (n > 0) {
            return of(n * lower, n * upper);
        }
        return upper == Double.NEGATIVE_INFINITY ? UNBOUNDED : of(n * upper, n * lower);
    }

    /**
     * Whether a complete text's log-likelihood obeys the bounds.
     *
     * @param logLikelihood nats
     * @return false for NaN
     */
    public boolean contains(double logLikelihood) {
        return lower <= logLikelihood && logLikelihood <= upper;
    }
}
