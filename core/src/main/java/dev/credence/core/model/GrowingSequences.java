package dev.credence.core.model;

/**
 * Token sequences behind one prompt that grow side by side, a token at a time; they may part, and some may be left behind. What a
 * model has computed of a beginning is kept, and sequences that are the same so far are computed once. For one thread.
 */
public interface GrowingSequences extends AutoCloseable {
    /**
     * What the model says of the next token of each sequence.
     *
     * @return (rows, V) logits: log-probabilities up to a constant a row; not to be changed
     */
    double[] logits();

    /**
     * Where a sequence's logits are.
     *
     * @param sequence which, from 0
     * @return its row; sequences that are the same so far may share one
     */
    int row(int sequence);

    /**
     * What the model's own head reads of each sequence.
     *
     * @return (rows, d) hidden states, normalised as the head gets them; empty where the model shows none. Not to be changed
     */
    default double[] hidden() {
        return new double[0];
    }

    /**
     * Goes on with a token each: the sequences from now on.
     *
     * @param parents (n) which of the sequences so far each new one begins with; those that are nobody's are forgotten
     * @param tokens (n) the token that follows
     */
    void grow(int[] parents, int[] tokens);

    @Override
    void close();
}
