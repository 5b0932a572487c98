package dev.credence.methods;

import dev.credence.core.model.Sample;
import dev.credence.core.posterior.Aim;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A model that a method has conditioned by drawing: its policy is known by its draws, whose distribution the aim states. It has
 * no next-token distribution.
 */
public interface ConditionedModel {
    /** {@return what the draws are distributed as} */
    Aim aim();

    /**
     * Draws from the policy.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param random source of randomness
     * @return (n) completions, and what they took
     * @throws dev.credence.core.posterior.NoPosteriorException if the prior excludes the evidence, or it is too rare to be met
     */
    Drawn sample(int[] prompt, int n, RandomGenerator random);

    /**
     * Draws of the policy.
     *
     * @param texts (n) completions; their log-probabilities are the prior's
     * @param priorDraws completions that were drawn from the prior for them
     */
    record Drawn(List<Text> texts, long priorDraws) {
        /**
         * Copies the list.
         *
         * @param texts as above
         * @param priorDraws as above
         */
        public Drawn {
            texts = List.copyOf(texts);
        }
    }

    /**
     * A completion.
     *
     * @param sample as the prior drew it
     * @param logLikelihood of the evidence, nats
     */
    record Text(Sample sample, double logLikelihood) {}
}
