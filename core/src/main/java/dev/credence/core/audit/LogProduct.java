package dev.credence.core.audit;

/**
 * The logarithm of a product of many factors, which costs one logarithm for many of them. Each factor is off by a rounding, so
 * that of n factors the logarithm is off by about n 2⁻⁵³ nats at most, as the sum of n logarithms is.
 */
final class LogProduct {
    private static final double LARGEST = 1e100; // of what is multiplied: two of them are no overflow
    private static final double SMALLEST = 1e-100;

    private double product = 1;
    private double logs; // of what was put aside

    /**
     * Multiplies by a factor.
     *
     * @param factor ≥ 0
     */
    void times(double factor) {
        if (!(factor > SMALLEST && factor < LARGEST)) {
            logs += Math.log(factor);
            return;
        }
        product *= factor;
        if (!(product > SMALLEST && product < LARGEST)) {
            logs += Math.log(product);
            product = 1;
        }
    }

    /** {@return the logarithm, nats; 0 of no factor} */
    double log() {
        return logs + Math.log(product);
    }
}
