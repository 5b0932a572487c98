package dev.credence.core.training;

import dev.credence.core.model.Continuation;
import java.util.List;

/** A policy that also trains on full next-token distributions. */
public interface DistillablePolicy extends TrainablePolicy {
    /**
     * Takes one step of the optimiser along an objective of the next-token distributions at every scored position.
     *
     * @param batch prompts with tokens; the distributions of these tokens count
     * @param objective to ascend
     * @return log-probabilities of the batch's own tokens before the step, gradient norm
     */
    StepReport stepOnDistributions(List<Continuation> batch, DistributionObjective objective);
}
