package dev.credence.torch.trie;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.SoftValues;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import java.util.Arrays;

/** Takes one block: sums what ends and what is decided, leaves out what is excluded or too small to wait. */
final class SearchVisitor implements TierVisitor {
    private static final double TIER = 2; // nats between blocks that are opened in turn
    private static final int HIGHEST = 1000;

    private final TrieBlock block;
    private final TokenEvidence evidence;
    private final double small;
    private final LogSum sum = new LogSum();
    private final double[] least; // (prefixes) what follows each and needs no prefix of its own, nats
    private final double[] most;
    private final EvidenceSums evidenceSums = new EvidenceSums();
    private final Left left = new Left();
    private int[] tiers = new int[64];
    private int entered;
    private int at; // the prefix whose continuations come
    private long seen;
    private long settled;
    private long excluded;

    SearchVisitor(TrieBlock block, TokenEvidence evidence, double small) {
        this.block = block;
        this.evidence = evidence;
        this.small = small;
        this.least = new double[block.size()];
        this.most = new double[block.size()];
        Arrays.fill(least, Double.NEGATIVE_INFINITY);
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
    }

    /** Prefixes that will never be opened: each is too small to matter, and all together are. */
    static final class Left {
        private final LogSum least = new LogSum();
        private final LogSum most = new LogSum();
        private final LogSum mass = new LogSum();
        private long size;

        LogSum least() {
            return least;
        }

        LogSum most() {
            return most;
        }

        LogSum mass() {
            return mass;
        }

        long size() {
            return size;
        }
    }

    @Override
    public boolean enters(int[] tokens, int length, double[] logProbs) {
        LogBounds bounds = evidence.bounds(tokens, length);
        double upper = logProbs[0] + bounds.upper();
        if (upper == Double.NEGATIVE_INFINITY) {
            excluded++;
            return false;
        }
        if (bounds.lower() == bounds.upper()) {
            settled++;
            sum.add(upper);
            evidenceSums.add(logProbs[0], bounds.upper());
            add(tokens, upper, upper);
            return false;
        }
        double gap = logProbs[0] + WaitingBlock.gap(bounds);
        if (gap < small) {
            double lower = logProbs[0] + bounds.lower();
            left.least.add(lower);
            left.most.add(upper);
            left.mass.add(logProbs[0]);
            left.size++;
            evidenceSums.add(logProbs[0], bounds);
            add(tokens, lower, upper);
            return false;
        }
        if (entered == tiers.length) {
            tiers = Arrays.copyOf(tiers, 2 * entered);
        }
        tiers[entered++] = (int) Math.floor(Math.min(gap, HIGHEST) / TIER);
        return true;
    }

    @Override
    public void visit(int[] tokens, int length, int end, double[] logProbs) {
        seen++;
        double logLikelihood = evidence.logLikelihood(tokens, length, end >= 0);
        double weight = logProbs[0] + logLikelihood;
        sum.add(weight);
        evidenceSums.add(logProbs[0], logLikelihood);
        add(tokens, weight, weight);
    }

    @Override
    public int tier(int index) {
        return tiers[index];
    }

    /** Continuations come prefix by prefix, in the block's order. */
    private void add(int[] tokens, double lower, double upper) {
        int depth = block.depth();
        while (!Arrays.equals(tokens, 0, depth, block.tokens(), at * depth, (at + 1) * depth)) {
            at++;
        }
        least[at] = LogMath.logAddExp(least[at], lower);
        most[at] = LogMath.logAddExp(most[at], upper);
    }

    LogSum sum() {
        return sum;
    }

    EvidenceSums evidenceSums() {
        return evidenceSums;
    }

    Left left() {
        return left;
    }

    long seen() {
        return seen;
    }

    long settled() {
        return settled;
    }

    long excluded() {
        return excluded;
    }

    /** Records the block's prefixes as looked behind, with what follows them. */
    void record(SoftValues.Recorder soft) {
        for (int prefix = 0; prefix < block.size(); prefix++) {
            int[] tokens = block.prefix(prefix);
            if (tokens.length > 0) {
                soft.enter(tokens, tokens.length, block.logProbs()[0][prefix]);
            }
            soft.add(tokens, tokens.length, least[prefix], most[prefix]);
        }
    }
}
