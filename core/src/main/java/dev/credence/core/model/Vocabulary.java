package dev.credence.core.model;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The outcomes of one step: token ids 0 … size − 1, some of which end the text.
 *
 * @param size number of tokens V, ends included
 * @param ends ids that end a text; each is an outcome with a probability. Empty for a model that never ends
 */
public record Vocabulary(int size, Set<Integer> ends) {
    /**
     * Checks the ids.
     *
     * @param size as above
     * @param ends as above
     * @throws IllegalArgumentException if the size is not positive or an end is not one of its ids
     */
    public Vocabulary {
        if (!(size > 0)) {
            throw new IllegalArgumentException("size is " + size + "; a vocabulary needs at least one token");
        }
        for (int end : ends) {
            if (!(end >= 0 && end < size)) {
                throw new IllegalArgumentException("end token is " + end + "; ids are in [0, " + size + ")");
            }
        }
        ends = Collections.unmodifiableSortedSet(new TreeSet<>(ends));
    }

    /**
     * Whether a token ends the text.
     *
     * @param token an id
     * @return true for an end
     */
    public boolean isEnd(int token) {
        return ends.contains(token);
    }

    /**
     * Checks a token sequence.
     *
     * @param tokens ids
     * @throws IllegalArgumentException if one is not in the vocabulary
     */
    public void check(int[] tokens) {
        for (int i = 0; i < tokens.length; i++) {
            if (!(tokens[i] >= 0 && tokens[i] < size)) {
                throw new IllegalArgumentException(
                        "token " + i + " is " + tokens[i] + "; ids are in [0, " + size + ")");
            }
        }
    }
}
