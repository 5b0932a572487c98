package dev.credence.core.diagnostics;

/**
 * Mean and variance of a quantity with known probabilities: what a sampled estimate of it scatters around, and by how
 * much for one draw.
 *
 * @param mean expectation
 * @param variance expected squared distance from the mean
 */
public record MeanAndVariance(double mean, double variance) {
    /**
     * The moments of a discrete quantity; values of probability zero do not count.
     *
     * @param values (outcomes)
     * @param probabilities (outcomes), summing to one
     * @return mean and variance
     * @throws IllegalArgumentException if the sizes differ
     */
    public static MeanAndVariance of(double[] values, double[] probabilities) {
        if (values.length != probabilities.length) {
            throw new IllegalArgumentException(
                    values.length + " values for " + probabilities.length + " probabilities");
        }
        double mean = 0;
        for (int i = 0; i < values.length; i++) {
            if (probabilities[i] > 0) {
                mean += probabilities[i] * values[i];
            }
        }
        double variance = 0;
        for (int i = 0; i < values.length; i++) {
            if (probabilities[i] > 0) {
                variance += probabilities[i] * (values[i] - mean) * (values[i] - mean);
            }
        }
        return new MeanAndVariance(mean, variance);
    }

    /** {@return the square root of the variance} */
    public double standardDeviation() {
        return Math.sqrt(variance);
    }
}
