package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;

/**
 * How long and how fast a method trains at its place: a {@link Schedule} with nothing left open.
 *
 * @param steps at most
 * @param samples completions of a prompt a step
 * @param optimiser how gradients become steps
 * @param population whether expectations are enumerated
 * @param seed of all draws
 */
public record TrainingSettings(int steps, int samples, Optimiser optimiser, boolean population, long seed) {
    /** Where a policy lives. */
    public enum Place {
        /** A {@link TabularPolicy}. */
        TABLE,
        /** A model with parameters. */
        MODEL
    }
}
