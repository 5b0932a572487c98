package dev.credence.core.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * A policy that gradient methods train: one forward, one backward a step. It starts as its reference, so KL(policy ‖
 * reference) is 0 at step 0. One thread trains it at a time.
 */
public interface TrainablePolicy extends PredictiveModel, AutoCloseable {
    /**
     * Computes the batch's log-probabilities, asks the objective for weights and takes one step of the optimiser.
     *
     * @param batch prompts with the tokens whose log-probabilities count; prompts get no gradient
     * @param objective to ascend
     * @return log-probabilities before the step, gradient norm
     * @throws IllegalArgumentException if the weights' shape is not that of the log-probabilities
     */
    StepReport step(List<Continuation> batch, Objective objective);

    /** {@return the policy as it was at step 0, frozen; it shares memory with this one where it can} */
    PredictiveModel reference();

    /**
     * Writes what a later process needs to go on to the same bits: parameters, optimiser, step.
     *
     * @param out takes it; not closed
     * @throws IOException if it cannot be written
     */
    void save(OutputStream out) throws IOException;

    /**
     * Takes back what {@link #save} wrote of a policy of the same shape.
     *
     * @param in a saved state; not closed
     * @throws IOException if it cannot be read, or is of another shape; nothing is changed then
     */
    void restore(InputStream in) throws IOException;

    /** Frees what it holds. */
    @Override
    void close();
}
