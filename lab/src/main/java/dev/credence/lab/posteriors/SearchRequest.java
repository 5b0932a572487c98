package dev.credence.lab.posteriors;

import dev.credence.core.provenance.InputException;
import org.jspecify.annotations.Nullable;

/**
 * How long a model's posterior is searched for, and what is told of it besides figures.
 *
 * @param until width of log Z at which the search stops, nats, 0 or larger; null: all that is neither excluded nor decided is
 *     summed, or enumerated where it is little
 * @param budget seconds for each prompt after which the search stops with the interval that is reached, above 0; null: no limit
 * @param draw exact draws from the posterior of each prompt, 0 or more
 * @param next text behind the prompt whose next token is asked about, empty for the prompt itself; null: none is
 * @param seed of the draws
 */
public record SearchRequest(
        @Nullable Double until,
        @Nullable Double budget,
        int draw,
        @Nullable String next,
        long seed) {
    /**
     * Checks the numbers.
     *
     * @param until as above
     * @param budget as above
     * @param draw as above
     * @param next as above
     * @param seed as above
     * @throws InputException if one is not as above
     */
    public SearchRequest {
        if (until != null && !(until >= 0 && until < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("until", until.toString(), "a width in nats: 0 or larger");
        }
        if (budget != null && !(budget > 0 && budget < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("budget", budget.toString(), "it is a number of seconds, above 0");
        }
        if (draw < 0) {
            throw InputException.ofSetting("draw", Integer.toString(draw), "it must be 0 or more");
        }
    }

    /** {@return every figure that can be had, however long it takes, and nothing besides} */
    public static SearchRequest whole() {
        return new SearchRequest(null, null, 0, null, 0);
    }

    /**
     * The same, stopped at a width of log Z.
     *
     * @param nats 0 or larger
     * @return another request
     */
    public SearchRequest until(double nats) {
        return new SearchRequest(nats, budget, draw, next, seed);
    }

    /**
     * The same, stopped by the clock.
     *
     * @param seconds for each prompt, above 0
     * @return another request
     */
    public SearchRequest within(double seconds) {
        return new SearchRequest(until, seconds, draw, next, seed);
    }

    /**
     * The same, with exact draws.
     *
     * @param n of each prompt
     * @param drawn their seed
     * @return another request
     */
    public SearchRequest draws(int n, long drawn) {
        return new SearchRequest(until, budget, n, next, drawn);
    }

    /**
     * The same, with the next token's posterior.
     *
     * @param text what stands between the prompt and it, possibly nothing
     * @return another request
     */
    public SearchRequest nextBehind(String text) {
        return new SearchRequest(until, budget, draw, text, seed);
    }

    /** {@return whether less than everything may do} */
    public boolean isAnytime() {
        return until != null || budget != null;
    }

    /** Whether soft values are needed. */
    boolean tells() {
        return draw > 0 || next != null;
    }

    double width() {
        return until == null ? 0 : until;
    }

    double seconds() {
        return budget == null ? Double.POSITIVE_INFINITY : budget;
    }
}
