package dev.credence.lab.runs;

/** A run that was asked to end before it was done; its checkpoint is written. */
public final class InterruptedRunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An interrupted run.
     *
     * @param message where it stands and how it goes on
     */
    public InterruptedRunException(String message) {
        super(message);
    }
}
