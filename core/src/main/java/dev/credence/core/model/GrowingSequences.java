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

    /**
     * The same, with the new sequences' logits handed on as soon as they are there, by the threads that compute them.
     *
     * @param parents as above
     * @param tokens as above
     * @param reader gets each new sequence once
     */
    default void grow(int[] parents, int[] tokens, LogitReader reader) {
        grow(parents, tokens);
        int[] all = new int[parents.length];
        int[] rows = new int[parents.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
            rows[i] = row(i);
        }
        reader.read(all, rows, logits());
    }

    /** Takes logits of sequences; several threads may call it at once, of other sequences. */
    @FunctionalInterface
    interface LogitReader {
        /**
         * Logits of some sequences.
         *
         * @param sequences (n) which
         * @param rows (n) the row of each
         * @param logits (rows, V) those of these rows; others may not be there yet. Not to be changed
         */
        void read(int[] sequences, int[] rows, double[] logits);
    }

    @Override
    void close();
}
