package dev.credence.methods;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.random.RandomGenerator;

/** Draws completions of one prompt. The samplers of this package take one and are one, so that they nest. */
@FunctionalInterface
public interface TextSampler {
    /**
     * Draws one completion.
     *
     * @param random source of randomness
     * @return a completion
     */
    String sample(RandomGenerator random);

    /**
     * Draws from a table.
     *
     * @param model the table
     * @param prompt one of its prompts
     * @return its sampler
     */
    static TextSampler of(TableModel model, String prompt) {
        Distribution distribution = model.given(prompt);
        return random -> distribution.outcomes().get(distribution.sample(random));
    }
}
