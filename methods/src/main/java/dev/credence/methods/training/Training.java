package dev.credence.methods.training;

import dev.credence.core.training.Resumable;
import java.util.random.RandomGenerator;

/**
 * A method at work on a policy. Its state, such as an adapted coefficient or a smoothed log Z, is what it holds beside the
 * policy: with the policy's and the generator's it goes on to the same bits.
 */
public interface Training extends Resumable {
    /**
     * Gets data and updates the policy.
     *
     * @param random source of randomness
     * @return what happened
     */
    TrainingStep step(RandomGenerator random);

    /** {@return whether further steps would change nothing; only where expectations are enumerated} */
    boolean isConverged();

    /** {@return whether further steps bring it no nearer, though it has not arrived} */
    default boolean isStalled() {
        return false;
    }
}
