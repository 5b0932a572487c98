package dev.credence.core.training;

import dev.credence.core.model.Continuation;
import java.util.List;

/**
 * A number for every state from which a policy draws a token: a prompt and the tokens so far. It is 0 everywhere at first, and is
 * learned apart from the policy. Its state is parameters, optimiser and step.
 */
public interface StateValues extends Resumable {
    /**
     * The values of a batch's states.
     *
     * @param batch prompts with completions
     * @return (n) (tokens) of the state before each token
     */
    double[][] of(List<Continuation> batch);

    /**
     * Takes one step of the optimiser.
     *
     * @param batch prompts with completions
     * @param objective to ascend, by the values in the place of log-probabilities
     * @return the values before the step, gradient norm
     */
    StepReport step(List<Continuation> batch, SequenceObjective objective);
}
