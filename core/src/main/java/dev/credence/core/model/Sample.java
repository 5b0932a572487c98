package dev.credence.core.model;

/**
 * One drawn completion.
 *
 * @param tokens (T) ids, the end token included where the text ended
 * @param logProbs (T) the model's own log-probability of each token, nats: untempered, nothing truncated
 * @param sampledLogProbs (T) log-probability of each token under the distribution it was really drawn from, nats
 * @param finished whether the text ended; false: cut at the horizon, no end is scored
 */
public record Sample(int[] tokens, double[] logProbs, double[] sampledLogProbs, boolean finished) {
    /** {@return the model's own log-probability of the completion, nats} */
    public double logProb() {
        return sum(logProbs);
    }

    /** {@return the log-probability of the completion under the sampler, nats} */
    public double sampledLogProb() {
        return sum(sampledLogProbs);
    }

    private static double sum(double[] terms) {
        double sum = 0;
        for (double term : terms) {
            sum += term;
        }
        return sum;
    }
}
