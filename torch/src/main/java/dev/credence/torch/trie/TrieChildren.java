package dev.credence.torch.trie;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prefixes to be computed next, in order, each with its parent in the block before. */
final class TrieChildren {
    private static final double PADDING = 2; // slots a prefix at most, before families are given up

    private final int depth;
    private int[] parent = new int[64];
    private int[] tokens;
    private final double[][] logProbs;
    private int size;

    TrieChildren(int models, int depth) {
        this.depth = depth;
        this.tokens = new int[64 * depth];
        this.logProbs = new double[models][64];
    }

    /**
     * Prefixes that are computed together, by family.
     *
     * @param parents (families) prefix of the block before
     * @param width slots of a family
     * @param slots (families, width) position in this group, or −1
     * @param tokens (prefixes, depth)
     * @param logProbs (models, prefixes)
     */
    record Group(int[] parents, int width, int[] slots, int[] tokens, double[][] logProbs) {}

    void add(int parentPrefix, int[] prefix, double[] logs) {
        if (size == parent.length) {
            int more = Math.multiplyExact(size, 2);
            parent = Arrays.copyOf(parent, more);
            tokens = Arrays.copyOf(tokens, Math.multiplyExact(more, depth));
            Arrays.setAll(logProbs, m -> Arrays.copyOf(logProbs[m], more));
        }
        parent[size] = parentPrefix;
        System.arraycopy(prefix, 0, tokens, size * depth, depth);
        for (int m = 0; m < logProbs.length; m++) {
            logProbs[m][size] = logs[m];
        }
        size++;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** The same apart by tier, each in order. */
    List<TrieChildren> byTier(TierVisitor tiers) {
        Map<Integer, TrieChildren> apart = new TreeMap<>();
        double[] logs = new double[logProbs.length];
        for (int i = 0; i < size; i++) {
            TrieChildren own = apart.computeIfAbsent(tiers.tier(i), tier -> new TrieChildren(logProbs.length, depth));
            for (int m = 0; m < logs.length; m++) {
                logs[m] = logProbs[m][i];
            }
            own.add(parent[i], Arrays.copyOfRange(tokens, i * depth, (i + 1) * depth), logs);
        }
        return new ArrayList<>(apart.values());
    }

    /** Groups of at most so many slots, families of at most so many members. */
    List<Group> groups(int slots, int widest) {
        int width = width(Math.min(slots, widest));
        List<int[]> families = families(width); // (from, to) each
        int perGroup = Math.max(1, slots / width);
        List<Group> groups = new ArrayList<>();
        for (int from = 0; from < families.size(); from += perGroup) {
            groups.add(group(families.subList(from, Math.min(families.size(), from + perGroup)), width));
        }
        return groups;
    }

    /** The largest family's size, or 1 where most slots of such families would be empty. */
    private int width(int widest) {
        int most = 1;
        for (int[] family : families(widest)) {
            most = Math.max(most, family[1] - family[0]);
        }
        return (long) families(most).size() * most > PADDING * size ? 1 : most;
    }

    private List<int[]> families(int width) {
        List<int[]> families = new ArrayList<>();
        for (int from = 0; from < size; ) {
            int to = from + 1;
            while (to < size && to - from < width && parent[to] == parent[from]) {
                to++;
            }
            families.add(new int[] {from, to});
            from = to;
        }
        return families;
    }

    private Group group(List<int[]> families, int width) {
        int first = families.get(0)[0];
        int last = families.get(families.size() - 1)[1];
        int[] parents = new int[families.size()];
        int[] slots = new int[families.size() * width];
        Arrays.fill(slots, -1);
        for (int f = 0; f < parents.length; f++) {
            int[] family = families.get(f);
            parents[f] = parent[family[0]];
            for (int i = family[0]; i < family[1]; i++) {
                slots[f * width + i - family[0]] = i - first;
            }
        }
        double[][] logs = new double[logProbs.length][];
        Arrays.setAll(logs, m -> Arrays.copyOfRange(logProbs[m], first, last));
        return new Group(parents, width, slots, Arrays.copyOfRange(tokens, first * depth, last * depth), logs);
    }
}
