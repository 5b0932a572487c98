package dev.credence.core.evidence;

import java.util.List;

/** Evidence on the tokens of a completion: what {@link Evidence} is on texts. Any number of threads may ask. */
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
     * What is known of all completions that begin with these tokens and go on.
     *
     * @param tokens array that begins with the prefix; not to be kept
     * @param length its length, below the horizon
     * @return bounds that hold for each of them; unbounded unless the evidence knows better
     */
    default LogBounds bounds(int[] tokens, int length) {
        return LogBounds.UNBOUNDED;
    }

    /**
     * So many independent copies of this evidence.
     *
     * @param n copies; any finite real number. Zero copies are no evidence, even where a single one would exclude
     * @return n times the log-likelihood, with its bounds
     */
    default TokenEvidence times(double n) {
        return n == 1 ? this : new RepeatedEvidence.OnTokens(this, n);
    }

    /** {@return why some of it is not followed token by token; none where all of it is} */
    default List<String> unfollowed() {
        return List.of("the evidence is asked of complete texts");
    }
}
