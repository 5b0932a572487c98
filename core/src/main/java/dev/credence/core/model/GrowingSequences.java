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
     * Goes on with a token each, and then with those that a follower chooses: sequences that need not wait for each other go on by
     * themselves. What was too much is taken {@linkplain #back back}.
     *
     * @param parents as above
     * @param tokens as above
     * @param most how many tokens, at least one; room for them is there
     * @param follower gets the logits, and says what follows
     * @return by how many tokens the sequences are longer: {@code most}, or fewer where they do better together
     */
    default int grow(int[] parents, int[] tokens, int most, Follower follower) {
        grow(parents, tokens);
        int[] all = new int[parents.length];
        int[] rows = new int[parents.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
            rows[i] = row(i);
        }
        follower.read(0, all, rows, logits());
        return 1;
    }

    /**
     * Takes the last tokens of all sequences back; then they have no logits until they grow.
     *
     * @param tokens how many, fewer than the last {@link #grow(int[], int[], int, Follower)} went on by
     */
    default void back(int tokens) {
        if (tokens != 0) {
            throw new IllegalArgumentException(tokens + " tokens are more than sequences went on by alone");
        }
    }

    /** Goes on with sequences; several threads may call it at once, of other sequences. */
    interface Follower {
        /**
         * Logits of some sequences.
         *
         * @param step how many tokens the follower has chosen of them
         * @param sequences (n) which
         * @param rows (n) the row of each
         * @param logits (rows, V) those of these rows; others may not be there yet. Not to be changed
         */
        void read(int step, int[] sequences, int[] rows, double[] logits);

        /**
         * The token that follows.
         *
         * @param step as {@link #read} was called last for this sequence
         * @param sequence which
         * @return its token; any of a sequence that ends there
         */
        int token(int step, int sequence);
    }

    @Override
    void close();
}
