package dev.credence.core.training;

/** What a step ascends, as a function of full next-token distributions: exact per-token divergences, distillation. */
@FunctionalInterface
public interface DistributionObjective {
    /**
     * The derivative of the objective by each log-probability of one position. The weights need not sum to zero: the policy
     * takes the gradient through its own normalisation.
     *
     * @param sequence index in the batch
     * @param position index of the token that the distribution is of
     * @param logProbs (V) nats, log π(· | x_&lt;t) under the policy as it is; not to be changed
     * @param weights (V) zeros; takes w
     */
    void weights(int sequence, int position, double[] logProbs, double[] weights);
}
