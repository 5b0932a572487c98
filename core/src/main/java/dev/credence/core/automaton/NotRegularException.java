package dev.credence.core.automaton;

import java.io.Serial;

/** A pattern that no automaton here can follow; it can still be asked of complete texts. */
public final class NotRegularException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /**
     * With the reason.
     *
     * @param reason what the pattern has, in words that complete "the pattern …"
     */
    public NotRegularException(String reason) {
        super(reason);
    }
}
