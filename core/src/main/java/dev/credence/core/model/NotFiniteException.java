package dev.credence.core.model;

/** A model whose logits are not numbers: its weights are not usable. Training that has diverged makes such models. */
public final class NotFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * A model that is not usable.
     *
     * @param message what is not finite
     */
    public NotFiniteException(String message) {
        super(message);
    }
}
