package dev.credence.core.probability;

/**
 * Accumulates {@code log Σ exp(x)} one term at a time, without overflow; the streaming form of
 * {@link LogMath#logSumExp(double[])}. Not for several threads; accumulate apart and {@link #add(LogSum)}.
 */
public final class LogSum {
    private double max = Double.NEGATIVE_INFINITY;
    private double scaled = 0; // Σ exp(x − max)

    /** An empty sum. */
    public LogSum() {}

    /**
     * Adds one term.
     *
     * @param x its logarithm, nats; −∞ is a zero term; a NaN makes the sum NaN
     */
    public void add(double x) {
        addScaled(x, 1);
    }

    /**
     * Adds all terms of another sum.
     *
     * @param other the other sum; unchanged
     */
    public void add(LogSum other) {
        addScaled(other.max, other.scaled);
    }

    /** {@return {@code log Σ exp(x)} of the terms so far, nats; −∞ for none} */
    public double value() {
        return Math.abs(max) < Double.POSITIVE_INFINITY ? max + Math.log(scaled) : max;
    }

    private void addScaled(double x, double times) {
        if (x <= max) {
            if (x > Double.NEGATIVE_INFINITY) {
                scaled += times * Math.exp(x - max);
            }
        } else if (x > max) {
            scaled = scaled * Math.exp(max - x) + times;
            max = x;
        } else {
            max = Double.NaN; // a NaN on either side stays
        }
    }
}
