package dev.credence.core.posterior;

/** There is no posterior: the event is empty, the partition function is infinite or not a number, or supports differ. */
public final class NoPosteriorException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * With the reason.
     *
     * @param reason names what was asked, the value met and why no posterior exists
     */
    public NoPosteriorException(String reason) {
        super(reason);
    }
}
