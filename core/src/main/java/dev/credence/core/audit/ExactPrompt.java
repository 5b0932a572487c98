package dev.credence.core.audit;

/**
 * All completions of one prompt under a prior and a policy, as columns: for spaces that can be enumerated.
 *
 * @param text the prompt
 * @param weight its share of the overall means
 * @param logPrior (completions) log π0, nats; finite
 * @param logPolicy (completions) log π, nats
 * @param rewards (names, completions) finite
 * @param tokens (completions) lengths, the end counted
 */
@SuppressWarnings("ArrayRecordComponent")
public record ExactPrompt(
        String text, double weight, double[] logPrior, double[] logPolicy, double[][] rewards, int[] tokens) {
    /**
     * Checks the columns.
     *
     * @param text the prompt
     * @param weight its share
     * @param logPrior log π0
     * @param logPolicy log π
     * @param rewards by name
     * @param tokens lengths
     * @throws IllegalArgumentException naming the column, the completion, its value and the rule
     */
    public ExactPrompt {
        int size = logPrior.length;
        if (!(size > 0 && logPolicy.length == size && tokens.length == size)) {
            throw new IllegalArgumentException("logPrior has " + size + " completions, logPolicy " + logPolicy.length
                    + ", tokens " + tokens.length + "; all must have the same, at least one");
        }
        for (int i = 0; i < size; i++) {
            require(Math.abs(logPrior[i]) < Double.POSITIVE_INFINITY, "logPrior", i, logPrior[i], "finite");
            require(logPolicy[i] < Double.POSITIVE_INFINITY, "logPolicy", i, logPolicy[i], "below infinity");
        }
        for (double[] reward : rewards) {
            if (reward.length != size) {
                throw new IllegalArgumentException(
                        "rewards has " + reward.length + " completions, logPrior " + size + "; they must be the same");
            }
            for (int i = 0; i < size; i++) {
                require(Math.abs(reward[i]) < Double.POSITIVE_INFINITY, "reward", i, reward[i], "finite");
            }
        }
    }

    private static void require(boolean good, String column, int i, double value, String rule) {
        if (!good) {
            throw new IllegalArgumentException(
                    column + " of completion " + i + " is " + value + "; it must be " + rule);
        }
    }
}
