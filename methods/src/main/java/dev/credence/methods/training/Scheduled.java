package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Settings of a method that trains for so long: each call gives a changed copy.
 *
 * @param <S> the method
 */
public interface Scheduled<S> {
    /** {@return how long and how fast it is asked to train} */
    Schedule schedule();

    /**
     * With another schedule.
     *
     * @param schedule how long and how fast
     * @return a changed copy
     */
    S scheduled(Schedule schedule);

    /**
     * For so many steps.
     *
     * @param steps at least 1
     * @return a changed copy
     */
    default S steps(int steps) {
        return scheduled(schedule().with("steps", OptionalInt.of(steps)));
    }

    /**
     * With so many completions of each prompt a step.
     *
     * @param samples at least 1
     * @return a changed copy
     */
    default S samples(int samples) {
        return scheduled(schedule().with("samples", samples));
    }

    /**
     * At a learning rate.
     *
     * @param rate finite, at least 0
     * @return a changed copy
     */
    default S learningRate(double rate) {
        return scheduled(schedule().with("rate", OptionalDouble.of(rate)));
    }

    /**
     * By another rule.
     *
     * @param rule how gradients become steps
     * @return a changed copy
     */
    default S optimiser(Optimiser.Rule rule) {
        return scheduled(schedule().with("optimiser", Optional.of(rule)));
    }

    /** {@return a copy that enumerates expectations and runs to its limit; for tables} */
    default S population() {
        return scheduled(schedule().with("population", true));
    }

    /**
     * With another seed of all draws, where a command makes the generator.
     *
     * @param seed any number
     * @return a changed copy
     */
    default S seed(long seed) {
        return scheduled(schedule().with("seed", seed));
    }
}
