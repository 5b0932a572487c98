package dev.credence.core.automaton;

/**
 * Between which values a number of the complete text will lie.
 *
 * @param lower no text that begins so has less; −∞ where nothing is known
 * @param upper no text that begins so has more; ∞ where nothing is known
 */
public record ValueBounds(double lower, double upper) {
    /** Nothing is known. */
    public static final ValueBounds UNKNOWN = new ValueBounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /**
     * Checks the order.
     *
     * @param lower as above
     * @param upper as above
     * @throws IllegalArgumentException unless lower ≤ upper
     */
    public ValueBounds {
        if (!(lower <= upper)) {
            throw new IllegalArgumentException(
                    "bounds are [" + lower + ", " + upper + "]; the lower must not be above the upper");
        }
    }

    /**
     * Bounds of a sum.
     *
     * @param other of the other term
     * @return of both together
     */
    public ValueBounds plus(ValueBounds other) {
        return new ValueBounds(lower + other.lower, upper + other.upper);
    }

    /**
     * Bounds of a multiple.
     *
     * @param factor a finite number of any sign
     * @return of the product
     */
    public ValueBounds times(double factor) {
        if (factor == 0) {
            return new ValueBounds(0, 0);
        }
        return factor > 0
                ? new ValueBounds(factor * lower, factor * upper)
                : new ValueBounds(factor * upper, factor * lower);
    }

    /**
     * Bounds of what is capped.
     *
     * @param cap the largest value that counts
     * @return of the smaller of number and cap
     */
    public ValueBounds cappedAt(double cap) {
        return new ValueBounds(Math.min(cap, lower), Math.min(cap, upper));
    }

    /**
     * Both bounds hold.
     *
     * @param other of the same number
     * @return the tighter ends
     */
    public ValueBounds and(ValueBounds other) {
        return new ValueBounds(Math.max(lower, other.lower), Math.min(upper, other.upper));
    }
}
