package dev.credence.methods.training;

import java.util.random.RandomGenerator;

/** A method at work on a policy. */
public interface Training {
    /**
     * Gets data and updates the policy.
     *
     * @param random source of randomness
     * @return what happened
     */
    TrainingStep step(RandomGenerator random);

    /** {@return whether further steps would change nothing; only where expectations are enumerated} */
    boolean isConverged();
}
