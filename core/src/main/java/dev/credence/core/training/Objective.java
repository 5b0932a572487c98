package dev.credence.core.training;

/**
 * What a step ascends, as a function of log-probabilities. Its gradient in any parameters is Σ w ∇log π(x_t | x_&lt;t), so
 * weights are all a policy needs; whatever is differentiated elsewhere, such as a ratio or a penalty, is in the weights.
 */
@FunctionalInterface
public interface Objective {
    /**
     * The derivative of the objective by each log-probability.
     *
     * @param logProbs (n) (tokens) nats, log π(x_t | x_&lt;t) of the batch under the policy as it is; not to be changed
     * @return (n) (tokens) weights w; positive ones make a token likelier
     */
    double[][] weights(double[][] logProbs);
}
