package dev.credence.core.model;

import java.util.List;

/**
 * Texts held against a policy and its prior, with the whole next-token distributions of both. For a text x drawn from the
 * policy, Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) is an unbiased estimate of KL(π‖π0) over texts that is never negative and
 * scatters no more than the log-ratio log π(x)/π0(x) (Amini, Vieira and Cotterell 2025).
 *
 * <p>Both distributions are the models' own: temperature 1, nothing truncated. Of texts that were drawn in another way the
 * sum says nothing about the distribution that drew them.
 */
public interface TokenDivergence {
    /**
     * One text under both models.
     *
     * @param logPrior log π0 of the text, nats
     * @param logPolicy log π of the text, nats
     * @param kl Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) over the text's tokens, nats; infinite where the prior cannot follow
     */
    record Of(double logPrior, double logPolicy, double kl) {}

    /**
     * Holds texts against both models.
     *
     * @param texts (n) prompts with their completions, an end token included where the text ended
     * @return (n)
     * @throws ContextWindowException if one is longer than a context window
     */
    List<Of> of(List<Continuation> texts);
}
