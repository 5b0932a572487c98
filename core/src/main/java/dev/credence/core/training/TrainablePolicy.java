package dev.credence.core.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import java.util.List;

/**
 * A policy that gradient methods train: one forward, one backward a step. It starts as its reference, so KL(policy ‖
 * reference) is 0 at step 0. One thread trains it at a time. Its state is parameters, optimiser, step and anchor.
 */
public interface TrainablePolicy extends PredictiveModel, Resumable, AutoCloseable {
    /**
     * Computes the batch's log-probabilities, asks the objective for weights and takes one step of the optimiser.
     *
     * @param batch prompts with the tokens whose log-probabilities count; prompts get no gradient
     * @param objective to ascend
     * @return log-probabilities before the step, gradient norm
     * @throws IllegalArgumentException if the weights' shape is not that of the log-probabilities
     */
    StepReport step(List<Continuation> batch, Objective objective);

    /**
     * How far apart the log-probabilities of a token may come out under weights that are the same, as the policy's and its
     * reference's are at step 0. Penalties of no more than that are rounding, which an optimiser that scales its steps would follow.
     *
     * @return nats; 0 where both are computed alike
     */
    default double rounding() {
        return 0;
    }

    /** {@return the policy as it was at step 0, frozen; it shares memory with this one where it can} */
    PredictiveModel reference();

    /**
     * The policy as it was when it was last anchored, for penalties whose reference moves; part of the saved state.
     *
     * @return frozen until {@link #moveAnchor}; before the first, {@link #reference}'s numbers
     */
    PredictiveModel anchor();

    /** Makes the policy as it is now its {@link #anchor}. */
    void moveAnchor();

    /** Frees what it holds. */
    @Override
    void close();
}
