package dev.credence.torch.trie;

import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
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
    record Families(@Nullable Past past, int[] parents, int width, int[] slots) {
        /** The same over a past with one row a family, or over none. */
        Families over(@Nullable Past other) {
            return new Families(other, IntStream.range(0, parents.length).toArray(), width, slots);
        }
    }

    static TrieBlock root(int models, int[] prompt) {
        return new TrieBlock(
                prompt, 0, new int[0], new double[models][1], new Families(null, new int[1], 1, new int[1]));
    }

    int size() {
        return logProbs[0].length;
    }

    /** The tokens of a prefix. */
    int[] prefix(int number) {
        return Arrays.copyOfRange(tokens, number * depth, (number + 1) * depth);
    }

    /** The same without keys and values, which are read again when it is computed; this one is closed. */
    TrieBlock forgotten() {
        if (families.past() == null) {
            return this;
        }
        close();
        return new TrieBlock(prompt, depth, tokens, logProbs, families.over(null));
    }

    /** Keys and values of the parents, read anew from their tokens where they were forgotten. */
    TrieBlock remembered(List<Network> networks) {
        if (depth == 0 || families.past() != null) {
            return this;
        }
        int count = families.parents().length;
        int length = prompt.length + depth - 1;
        int[] ids = new int[count * length];
        for (int family = 0; family < count; family++) {
            System.arraycopy(prompt, 0, ids, family * length, prompt.length);
            int member = families.slots()[family * families.width()]; // the first slot of a family is never empty
            System.arraycopy(tokens, member * depth, ids, family * length + prompt.length, depth - 1);
        }
        Tensor[][] seen = new Tensor[networks.size()][];
        for (int m = 0; m < seen.length; m++) {
            Network network = networks.get(m);
            try (KeyValueCache cache = KeyValueCache.empty(network, count, length)) {
                network.hidden(ids, new WholeRows(network, count, length, cache));
                cache.advance(length);
                seen[m] = new Tensor[network.architecture().layers()];
                Arrays.setAll(seen[m], layer -> cache.read(layer).clone());
            }
        }
        return new TrieBlock(prompt, depth, tokens, logProbs, families.over(new Past(seen)));
    }

    @Override
    public void close() {
        if (families.past() != null) {
            families.past().release();
        }
    }
}
