package dev.credence.torch.trie;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.SoftValues;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import java.util.Arrays;

/**
 * A block not yet computed, with the least and the most its completions can add, how far that is apart, and their mass.
 *
 * @param block the prefixes
 * @param bounds (prefixes) of the evidence
 * @param least nats
 * @param most nats
 * @param gap log(e^most − e^least), nats
 * @param mass nats
 */
record WaitingBlock(TrieBlock block, LogBounds[] bounds, double least, double most, double gap, double mass) {
    static WaitingBlock of(TrieBlock block, TokenEvidence evidence) {
        LogSum least = new LogSum();
        LogSum most = new LogSum();
        LogSum gap = new LogSum();
        LogSum mass = new LogSum();
        LogBounds[] bounds = new LogBounds[block.size()];
        for (int prefix = 0; prefix < block.size(); prefix++) {
            bounds[prefix] = evidence.bounds(block.prefix(prefix), block.depth());
            double own = block.logProbs()[0][prefix];
            least.add(own + bounds[prefix].lower());
            most.add(own + bounds[prefix].upper());
            gap.add(own + gap(bounds[prefix]));
            mass.add(own);
        }
        return new WaitingBlock(block, bounds, least.value(), most.value(), gap.value(), mass.value());
    }

    /** log(e^upper − e^lower). */
    static double gap(LogBounds bounds) {
        return bounds.upper() == Double.POSITIVE_INFINITY
                ? bounds.upper()
                : LogMath.logSubExp(bounds.upper(), bounds.lower());
    }

    /** Without the keys and values of what comes before. */
    WaitingBlock forgotten() {
        return new WaitingBlock(block.forgotten(), bounds, least, most, gap, mass);
    }

    void addTo(EvidenceSums sums) {
        for (int prefix = 0; prefix < bounds.length; prefix++) {
            sums.add(block.logProbs()[0][prefix], bounds[prefix]);
        }
    }

    /** Records its prefixes as bounded only. */
    void record(SoftValues.Recorder soft) {
        if (block.depth() == 0) {
            soft.add(new int[0], 0, least, most);
            return;
        }
        for (int prefix = 0; prefix < block.size(); prefix++) {
            double own = block.logProbs()[0][prefix];
            soft.add(
                    block.prefix(prefix),
                    block.depth() - 1,
                    own + bounds[prefix].lower(),
                    own + bounds[prefix].upper());
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(block.tokens());
    }
}
