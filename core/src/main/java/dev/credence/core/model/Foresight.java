package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;

/** What is still to come behind a prefix: its soft value, from wherever it is known. */
final class Foresight {
    private final Vocabulary vocabulary;
    private final TokenEvidence evidence;
    private final int horizon;
    private final SoftValues values;

    Foresight(Vocabulary vocabulary, TokenEvidence evidence, int horizon, SoftValues values) {
        this.vocabulary = vocabulary;
        this.evidence = evidence;
        this.horizon = horizon;
        this.values = values;
    }

    /**
     * log ψ after one more token.
     *
     * @param tokens array that begins with the prefix, with room for the token, which is written there
     * @param length the prefix's length
     */
    LogBounds after(int[] tokens, int length, int token) {
        if (vocabulary.isEnd(token)) {
            return exactly(evidence.logLikelihood(tokens, length, true));
        }
        tokens[length] = token;
        return length + 1 == horizon ? exactly(evidence.logLikelihood(tokens, horizon, false)) : of(tokens, length + 1);
    }

    /** log ψ of a prefix that goes on. */
    LogBounds of(int[] tokens, int length) {
        return values.has(tokens, length) ? values.of(tokens, length) : evidence.bounds(tokens, length);
    }

    /** Whether behind a prefix nothing was summed: the evidence is decided there, or was only bounded. */
    boolean isOutside(int[] tokens, int length) {
        return !values.has(tokens, length);
    }

    private static LogBounds exactly(double logLikelihood) {
        return new LogBounds(logLikelihood, logLikelihood);
    }
}
