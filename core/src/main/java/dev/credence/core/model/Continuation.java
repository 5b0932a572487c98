package dev.credence.core.model;

/**
 * A prompt and what follows it; what follows is scored.
 *
 * @param prompt token ids, at least one (a model predicts from something, if only from its begin token)
 * @param tokens token ids to score, an end token included where the text ended
 */
public record Continuation(int[] prompt, int[] tokens) {
    /**
     * Checks the prompt.
     *
     * @param prompt as above
     * @param tokens as above
     * @throws IllegalArgumentException if the prompt is empty
     */
    public Continuation {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt is empty; a model needs at least one token to predict from");
        }
    }

    /** {@return prompt and tokens in one array} */
    public int[] whole() {
        int[] whole = new int[prompt.length + tokens.length];
        System.arraycopy(prompt, 0, whole, 0, prompt.length);
        System.arraycopy(tokens, 0, whole, prompt.length, tokens.length);
        return whole;
    }
}
