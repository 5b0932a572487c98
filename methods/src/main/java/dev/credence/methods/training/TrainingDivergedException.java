package dev.credence.methods.training;

/** A training that cannot go on; the policy is as it was after the last step that was taken. */
public final class TrainingDivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A divergence.
     *
     * @param step at which it was seen
     * @param cause in words
     * @param advice what to try
     */
    public TrainingDivergedException(long step, String cause, String advice) {
        super("training stopped at step " + step + ": " + cause + "; " + advice);
    }
}
