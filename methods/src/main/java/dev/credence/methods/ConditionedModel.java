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
    /** {@return what the draws are distributed as, or tend to} */
    Aim aim();

    /** {@return whether the draws are distributed as the aim says; false where that is a limit} */
    default boolean isAtAim() {
        return true;
    }

    /**
     * Draws from the policy.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param random source of randomness
     * @return (n) completions, and what they took
     * @throws dev.credence.core.posterior.NoPosteriorException if the prior excludes the evidence, or it is too rare to be met
     */
    default Drawn sample(int[] prompt, int n, RandomGenerator random) {
        return sample(prompt, n, Long.MAX_VALUE, random);
    }

    /**
     * Draws from the policy within a budget.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param mostDraws how many completions of the prior may be drawn for them
     * @param random source of randomness
     * @return (n) completions, or those that were had when the budget was spent, and what they took
     * @throws dev.credence.core.posterior.NoPosteriorException if the prior excludes the evidence, or it is too rare to be met
     */
    Drawn sample(int[] prompt, int n, long mostDraws, RandomGenerator random);

    /**
     * The policy's probability of a completion, where the procedure knows it without the distribution of all log-likelihoods.
     *
     * @param prompt token ids, at least one
     * @param text a completion of the prior
     * @return log π/π0, nats, −∞ where it is never drawn; NaN where only the aim tells
     */
    default double logRatio(int[] prompt, Sample text) {
        return Double.NaN;
    }

    /**
     * Draws of the policy.
     *
     * @param texts (at most n) completions; their log-probabilities are the prior's
     * @param priorDraws completions of the prior that were looked at for them
     * @param computed completions that the model drew, those of the last batch that were not looked at included
     * @param logLikelihoods (priorDraws) of the completions of the prior, nats, in the order of the draws; (0) where the
     *     procedure draws none of the prior
     * @param isSpent whether the budget ended before all were had
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Drawn(List<Text> texts, long priorDraws, long computed, double[] logLikelihoods, boolean isSpent) {
        /**
         * Copies the list.
         *
         * @param texts as above
         * @param priorDraws as above
         * @param computed as above
         * @param logLikelihoods as above
         * @param isSpent as above
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
