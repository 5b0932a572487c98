package dev.credence.core.training;

/** A policy beside which values of its states can be learned. */
public interface ValuedPolicy extends TrainablePolicy {
    /**
     * Values of this policy's states, none learned yet.
     *
     * @param optimiser how they are learned
     * @return the values; they are closed with the policy, and their state is saved apart from its
     */
    StateValues values(Optimiser optimiser);
}
