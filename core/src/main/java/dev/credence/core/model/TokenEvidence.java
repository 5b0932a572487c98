package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;

/** Evidence on the tokens of a completion: what {@code Evidence} is on texts. Any number of threads may ask. */
public interface TokenEvidence {
    /**
     * The log-likelihood of the evidence under one complete completion.
     *
     * @param tokens array that begins with the completion's tokens, its end token not among them; not to be kept
     * @param length how many they are
     * @param finished whether the text ended; false: cut at the horizon
     * @return nats, in [−∞, ∞)
     */
    double logLikelihood(int[] tokens, int length, boolean finished);

    /**
     * What is known of all completions that begin with these tokens.
     *
     * @param tokens array that begins with the prefix; not to be kept
     * @param length its length
     * @return bounds that hold for each of them; unbounded unless the evidence knows better
     */
    default LogBounds bounds(int[] tokens, int length) {
        return LogBounds.UNBOUNDED;
    }
}
