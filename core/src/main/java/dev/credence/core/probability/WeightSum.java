package dev.credence.core.probability;

import java.util.stream.DoubleStream;

/**
 * What weights are divided by to sum to one, though their sum is no number.
 *
 * @param factor by which weights are multiplied first: 1 where their sum is finite
 * @param total of the weights so multiplied
 */
public record WeightSum(double factor, double total) {
    private static final double SMALLER = 0x1p-64; // exact, and less than one over the number of weights

    /**
     * Adds weights up.
     *
     * @param weights finite and above 0
     * @return their sum
     */
    public static WeightSum of(double[] weights) {
        double total = DoubleStream.of(weights).sum();
        return total < Double.POSITIVE_INFINITY
                ? new WeightSum(1, total)
                : new WeightSum(
                        SMALLER,
                        DoubleStream.of(weights).map(weight -> weight * SMALLER).sum());
    }

    /**
     * The share of one weight.
     *
     * @param weight one of those that were added up
     * @return from 0 to 1
     */
    public double share(double weight) {
        return weight * factor / total;
    }
}
