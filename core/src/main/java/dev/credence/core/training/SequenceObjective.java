package dev.credence.core.training;

import java.util.Arrays;

/**
 * An objective whose weights of one sequence depend on no other sequence of the batch: next-token loss, policy gradients
 * with advantages known beforehand. A policy may then run forward and backward piece by piece, which takes less memory and
 * time. It is asked from several threads at once, in any order.
 */
public interface SequenceObjective extends Objective {
    /**
     * Log-probabilities that all count alike: with one over the number of tokens, next-token training.
     *
     * @param weight of each
     * @return the objective
     */
    static SequenceObjective uniform(double weight) {
        return (sequence, logProbs) -> {
            double[] weights = new double[logProbs.length];
            Arrays.fill(weights, weight);
            return weights;
        };
    }

    /**
     * The derivative of the objective by each log-probability of one sequence.
     *
     * @param sequence index in the batch
     * @param logProbs (tokens) nats, log π(x_t | x_&lt;t) under the policy as it is; not to be changed
     * @return (tokens) weights w; positive ones make a token likelier
     */
    double[] weights(int sequence, double[] logProbs);

    @Override
    default double[][] weights(double[][] logProbs) {
        double[][] weights = new double[logProbs.length][];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weights(i, logProbs[i]);
        }
        return weights;
    }
}
