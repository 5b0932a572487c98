package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import java.util.Objects;

/** How many equally weighted draws a weighted sample is worth: 1/Σ w̄², with w̄ the weights divided by their sum. */
public final class EffectiveSampleSize {
    private EffectiveSampleSize() {}

    /**
     * The effective size of weights.
     *
     * @param weights (S), finite and not negative; they need not sum to one
     * @return a number between 1 and S; 0 if there is no positive weight
     * @throws IllegalArgumentException if a weight is negative, infinite or NaN
     */
    public static double of(double[] weights) {
        double largest = 0;
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "weight " + i + " is " + weights[i] + "; it must be finite and not negative");
            }
            largest = Math.max(largest, weights[i]);
        }
        if (largest == 0) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        for (double weight : weights) {
            double scaled = weight / largest; // the squares neither overflow nor vanish
            sum += scaled;
            squares += scaled * scaled;
        }
        return sum * sum / squares;
    }

    /**
     * The effective size of log-weights.
     *
     * @param logWeights (S), nats, up to a common constant; −∞ is a weight of zero
     * @return a number between 1 and S; 0 if there is no positive weight
     * @throws IllegalArgumentException if a log-weight is NaN or +∞
     */
    public static double ofLogWeights(double[] logWeights) {
        return ofLogWeights(logWeights, 0, logWeights.length);
    }

    /**
     * The effective size of a range of log-weights.
     *
     * @param logWeights nats, up to a common constant; −∞ is a weight of zero
     * @param from first position
     * @param to one past the last position
     * @return a number between 1 and the range's length; 0 if there is no positive weight
     * @throws IllegalArgumentException if a log-weight in the range is NaN or +∞
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public static double ofLogWeights(double[] logWeights, int from, int to) {
        Objects.checkFromToIndex(from, to, logWeights.length);
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            if (!(logWeights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "log-weight " + i + " is " + logWeights[i] + "; it must be a number below infinity");
            }
            max = Math.max(max, logWeights[i]);
        }
        if (max == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double sum = 0;
        double squares = 0;
        for (int i = from; i < to; i++) {
            double weight = Math.exp(logWeights[i] - max);
            sum += weight;
            squares += weight * weight;
        }
        return sum * sum / squares;
    }

    /**
     * The effective share of many draws from a proposal, weighted to a target: 1/E_target[target/proposal].
     *
     * @param proposal where the draws come from
     * @param target what they are weighted to, over the same outcomes in the same order
     * @return a share in [0, 1]; 0 if the proposal misses an outcome of the target
     * @throws IllegalArgumentException if the sizes differ
     */
    public static double share(Distribution proposal, Distribution target) {
        if (proposal.size() != target.size()) {
            throw new IllegalArgumentException(
                    "proposal has " + proposal.size() + " outcomes, target " + target.size());
        }
        double meanWeight = 0;
        for (int i = 0; i < target.size(); i++) {
            if (target.probability(i) > 0) {
                meanWeight += Math.exp(2 * target.logProbability(i) - proposal.logProbability(i));
            }
        }
        return 1 / meanWeight;
    }
}
