package dev.credence.methods;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.random.RandomGenerator;

/**
 * Draws one thing at a time, such as completions of one prompt. The samplers of this package take one and are one, so that they
 * nest.
 *
 * @param <T> what is drawn
 */
@FunctionalInterface
public interface Sampler<T> {
    /**
     * Draws once.
     *
     * @param random source of randomness
     * @return what was drawn
     */
    T sample(RandomGenerator random);

    /**
     * Draws from a table.
     *
     * @param model the table
     * @param prompt one of its prompts
     * @return its sampler
     */
    static Sampler<String> of(TableModel model, String prompt) {
        Distribution distribution = model.given(prompt);
        return random -> distribution.outcomes().get(distribution.sample(random));
    }
}
