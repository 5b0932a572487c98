package dev.credence.methods;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.SoftValues;

/**
 * What sequential Monte Carlo expects of a beginning: log ψ, the intermediate target is π0 · ψ (docs/theory.md#sequential-monte-carlo). Any
 * positive ψ leaves the estimate of Z unbiased; the better it is, the less the weights scatter.
 */
@FunctionalInterface
interface Twist {
    /**
     * The twist of a beginning that goes on.
     *
     * @param tokens array that begins with the prefix, the prompt not among them; not to be kept
     * @param length its length, below the horizon
     * @return log ψ, nats, below ∞; −∞ only where the evidence excludes every text that begins so
     */
    double of(int[] tokens, int length);

    /** Expects nothing. */
    Twist NONE = (tokens, length) -> 0;

    /**
     * What the evidence says of the text so far, within the bounds that it knows of all that may follow: the log-likelihood if the text
     * ended here, where that is a number, else an end of the bounds that is one.
     */
    static Twist soFar(TokenEvidence evidence) {
        boolean isFollowed = evidence.unfollowed().isEmpty();
        return (tokens, length) -> {
            LogBounds bounds = evidence.bounds(tokens, length);
            if (bounds.lower() == bounds.upper()) {
                return bounds.upper();
            }
            double now = isFollowed ? evidence.logLikelihood(tokens, length, true) : Double.NEGATIVE_INFINITY;
            if (now > Double.NEGATIVE_INFINITY) {
                return Math.min(Math.max(now, bounds.lower()), bounds.upper());
            }
            boolean hasLower = isFollowed && bounds.lower() > Double.NEGATIVE_INFINITY;
            double nearest = hasLower ? bounds.lower() : bounds.upper();
            return isFollowed && nearest < Double.POSITIVE_INFINITY ? nearest : 0;
        };
    }

    /** The soft values themselves: weights are then constant. */
    static Twist exact(SoftValues values, TokenEvidence evidence) {
        return (tokens, length) -> {
            LogBounds known = values.has(tokens, length) ? values.of(tokens, length) : evidence.bounds(tokens, length);
            return known.upper();
        };
    }
}
