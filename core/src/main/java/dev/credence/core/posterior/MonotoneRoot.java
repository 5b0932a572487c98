package dev.credence.core.posterior;

/** Newton's method for increasing functions, kept inside a bracket that always shrinks. */
final class MonotoneRoot {
    private static final int MOST_STEPS = 400;

    private MonotoneRoot() {}

    /** An increasing function with its slope. */
    @FunctionalInterface
    interface Increasing {
        /**
         * The function at one place.
         *
         * @param x place
         * @return {value, slope}; a slope that is not positive makes the step a bisection
         */
        double[] at(double x);
    }

    /**
     * The root at or right of zero; the function must be ≤ 0 at zero.
     *
     * @param f increasing
     * @param firstStep how far to look first, &gt; 0
     * @return the root; ∞ where the function stays negative
     */
    static double rightOfZero(Increasing f, double firstStep) {
        double low = 0;
        double high = firstStep;
        while (f.at(high)[0] < 0) {
            low = high;
            high *= 2;
            if (high == Double.POSITIVE_INFINITY) {
                return high;
            }
        }
        return between(f, low, high);
    }

    /**
     * The root in a bracket.
     *
     * @param f increasing, ≤ 0 at low and ≥ 0 at high
     * @param low lower end
     * @param high upper end
     * @return the root to the last few bits
     */
    static double between(Increasing f, double low, double high) {
        double lower = low;
        double upper = high;
        double x = lower + (upper - lower) / 2;
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] valueAndSlope = f.at(x);
            double value = valueAndSlope[0];
            if (value == 0) {
                return x;
            }
            if (value < 0) {
                lower = x;
            } else {
                upper = x;
            }
            double newton = x - value / valueAndSlope[1];
            double middle = lower + (upper - lower) / 2;
            // Every fourth step halves the bracket, so that a long flat stretch cannot hold Newton up.
            double next = newton > lower && newton < upper && step % 4 != 3 ? newton : middle;
            if (Math.abs(next - x) <= 2 * Math.ulp(x) || upper - lower <= 2 * Math.ulp(upper)) {
                return next;
            }
            x = next;
        }
        return x;
    }
}
