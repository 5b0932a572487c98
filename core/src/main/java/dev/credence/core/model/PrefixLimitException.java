package dev.credence.core.model;

import java.io.Serial;

/** More prefixes have soft values than are to be kept. */
public final class PrefixLimitException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * With the limit.
     *
     * @param limit prefixes that are kept at most
     */
    public PrefixLimitException(int limit) {
        super("more than " + limit
                + " prefixes have a soft value of their own, the most that is kept; a shorter horizon has fewer, and so has"
                + " evidence that is decided early");
    }
}
