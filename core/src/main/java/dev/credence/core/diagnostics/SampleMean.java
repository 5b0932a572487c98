package dev.credence.core.diagnostics;

/**
 * The mean of independent draws.
 *
 * @param mean their mean; NaN without draws
 * @param variance their variance, with n − 1; NaN with fewer than two draws
 * @param count n
 */
public record SampleMean(double mean, double variance, long count) {
    /** {@return the standard error of the mean; NaN with fewer than two draws} */
    public double standardError() {
        return Math.sqrt(variance / count);
    }
}
