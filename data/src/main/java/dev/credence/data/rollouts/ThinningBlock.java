package dev.credence.data.rollouts;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the records of one chunk say of how draws were thinned; arrays are (records), NaN where a record does not say. */
final class ThinningBlock {
    private static final double[] NOTHING = {};

    /** The probability with which it was kept, where that is one number. */
    double[] kept = NOTHING;

    /** With which a draw of the prior, and of the policy, would have been kept. */
    double[] prior = NOTHING;

    double[] policy = NOTHING;

    /** How many were drawn. */
    double[] draws = NOTHING;

    /** Lines in the file. */
    long[] lines = {};

    /** The block with one more record, a new one where there is none yet. */
    static ThinningBlock with(@Nullable ThinningBlock earlier, int position, RolloutRecord record) {
        ThinningBlock block = earlier == null ? new ThinningBlock() : earlier;
        if (position >= block.kept.length) {
            block.resize(Math.max(1024, 2 * position));
        }
        block.kept[position] = record.kept;
        block.prior[position] = record.keptPrior;
        block.policy[position] = record.keptPolicy;
        block.draws[position] = record.draws;
        return block;
    }

    private void resize(int length) {
        kept = resized(kept, length);
        prior = resized(prior, length);
        policy = resized(policy, length);
        draws = resized(draws, length);
    }

    private static double[] resized(double[] values, int length) {
        double[] longer = Arrays.copyOf(values, length);
        if (length > values.length) {
            Arrays.fill(longer, values.length, length, Double.NaN);
        }
        return longer;
    }

    /** The block of exactly so many records, with their lines. */
    ThinningBlock of(long[] all, int size) {
        resize(size);
        lines = Arrays.copyOf(all, size);
        return this;
    }
}
