package dev.credence.core.audit;

/**
 * What the logarithm of a likelihood ratio says whose mean over sound logs is one at most: it exceeds 1/δ in a share δ of
 * them at most (Ville, and Markov's inequality), whatever the number of records.
 */
final class SafeTest {
    /** The probability of a false alarm that a log is set to, by each kind of test. */
    private static final double LEVEL = 1e-4;

    private SafeTest() {}

    /** Whether a log cannot be, by the largest of so many ratios. */
    static boolean isImpossible(double growth, int ratios) {
        return growth > Math.log(ratios / LEVEL);
    }

    /** The growth as a number of standard errors of a normal mean that would be as far away. */
    static double errors(double growth) {
        return Math.sqrt(2 * Math.max(0, growth));
    }
}
