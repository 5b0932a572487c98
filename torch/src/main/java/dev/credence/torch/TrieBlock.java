package dev.credence.torch;

import org.jspecify.annotations.Nullable;

/**
 * Prefixes of one length that are computed together. Those with the same parent are a family: they share its cached keys
 * and values.
 *
 * @param prompt token ids
 * @param depth tokens behind the prompt of each prefix; 0: the prompt itself
 * @param tokens (prefixes, depth)
 * @param logProbs (models, prefixes) nats
 * @param families who shares what
 */
record TrieBlock(int[] prompt, int depth, int[] tokens, double[][] logProbs, Families families)
        implements AutoCloseable {
    /**
     * Prefixes by parent.
     *
     * @param past keys and values of the parents' block; null at the prompt itself
     * @param parents (families) rows of it
     * @param width c, prefixes a family at most
     * @param slots (families, c) a prefix, or −1 where a family has fewer
     */
    record Families(@Nullable Past past, int[] parents, int width, int[] slots) {}

    static TrieBlock root(int models, int[] prompt) {
        return new TrieBlock(
                prompt, 0, new int[0], new double[models][1], new Families(null, new int[1], 1, new int[1]));
    }

    int size() {
        return logProbs[0].length;
    }

    @Override
    public void close() {
        if (families.past() != null) {
            families.past().release();
        }
    }
}
