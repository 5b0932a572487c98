package dev.credence.core.model;

/** A text is longer than a model can read. Nothing is ever cut silently. */
public final class ContextWindowException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * A text of so many tokens.
     *
     * @param tokens what the text needs
     * @param context what the model reads at most
     */
    public ContextWindowException(long tokens, int context) {
        super("the text has " + tokens + " tokens; the model's context window is " + context
                + " (shorten the prompt or the completion; nothing is cut silently)");
    }
}
