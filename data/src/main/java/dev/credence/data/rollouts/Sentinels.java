package dev.credence.data.rollouts;

/**
 * Numbers that engines write for the log-probability of what a model excludes: −9999, −1e4, −1e9, the most negative float
 * and their kin. They mean −∞. No model gives a token less than e^−9998: logits are not that far apart.
 */
final class Sentinels {
    /** The largest of them, with room for rounding. */
    static final double LARGEST = -9998.5;

    private static final double[] ROUND = {-9999, -10_000, -65_504, -99_999, -100_000, -999_999, -1_000_000};

    /** Nats a token that no model takes away on average. */
    private static final double UNHEARD_OF = -50;

    private static final double UNHEARD_OF_RATIO = -10;

    private Sentinels() {}

    /** Whether a token's log-probability stands for −∞. */
    static boolean isTerm(double logProbability) {
        return logProbability <= LARGEST;
    }

    /**
     * Whether a completion's log-probability stands for −∞, or holds a token's that does. A long completion may have a sum
     * below −9999 in earnest, so the number alone decides only where it is one of the round ones.
     *
     * @param sum the recorded sum
     * @param other the sum under the other model
     * @param tokens tokens of the completion, or an upper bound of them
     */
    static boolean isSum(double sum, double other, double tokens) {
        if (!(sum <= LARGEST)) {
            return false;
        }
        for (double round : ROUND) {
            if (sum == round) {
                return true;
            }
        }
        return sum <= UNHEARD_OF * Math.max(tokens, 1)
                || (sum - other <= LARGEST + 1000 && sum - other <= UNHEARD_OF_RATIO * Math.max(tokens, 1));
    }
}
