package dev.credence.core.model;

/**
 * Token sequences behind one prompt that grow side by side, a token at a time; they may part, and some may be left behind. What a
 * model has computed of a beginning is kept, and sequences that are the same so far are computed once. For one thread.
 */
public interface GrowingSequences extends AutoCloseable {
    /**
     * What the model says of the next token of each sequence.
     *
     * @return (rows, V) logits: log-probabilities up to a constant a row; not to be changed, and good until the sequences grow
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
     * @return (rows, d) hidden states, normalised as the head gets them; empty where the model shows none. Not to be changed,
     *     and good until the sequences grow
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

    /** Takes rows of logits as they come. */
    @FunctionalInterface
    interface Ready {
        /**
         * Takes rows, in the thread that computed them: others may come at the same time in others. {@link #row} already speaks of
         * the sequences as they are now.
         *
         * @param logits (rows, V) as {@link #logits}, of which only these rows may be read
         * @param from first row
         * @param to the row behind the last one, or behind all that there are
         */
        void rows(double[] logits, int from, int to);
    }

    /**
     * Goes on with a token each, as {@link #grow(int[], int[])}, and hands every row out once, as soon as it is there.
     *
     * @param parents (n) which of the sequences so far each new one begins with
     * @param tokens (n) the token that follows
     * @param ready takes the rows
     */
    default void grow(int[] parents, int[] tokens, Ready ready) {
        grow(parents, tokens);
        ready.rows(logits(), 0, Integer.MAX_VALUE);
    }

    @Override
    void close();
}
