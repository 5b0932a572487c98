package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.util.List;

/**
 * Whether a log without groups looks like one of a group method (GRPO, RLOO): the policy's rewards, in the order of the
 * log, are standardised in blocks of k. Such records were drawn together and their rewards depend on each other, so that
 * intervals which take each for a unit are too narrow.
 */
final class GroupPattern {
    private static final int LARGEST_GROUP = 64;

    /** Blocks to go by: two values about their mean come out standardised by chance in one block of two. */
    private static final int FEWEST_BLOCKS = 20;

    private static final double SHARE = 0.95;
    private static final double MEAN = 1e-3;

    /** How far a spread may be from one; trainers add up to 1e-4 to what they divide by, and use either divisor. */
    private static final double SPREAD = 0.01;

    /** Policy records of a prompt that are looked at. */
    private static final int MOST_RECORDS = 8192;

    private GroupPattern() {}

    /** The gate of a pool; none where there are no records of the policy. */
    static List<Gate> of(Pool pool) {
        double[][] rewards = new double[pool.size()][];
        boolean grouped = false;
        for (int c = 0; c < rewards.length; c++) {
            Atoms atoms = pool.members().get(c).atoms();
            if (atoms.strata() == 0) {
                return List.of();
            }
            grouped |= atoms.hasUnits();
            rewards[c] = grouped ? new double[0] : policyRewards(atoms);
        }
        if (grouped) {
            return List.of(
                    new Gate("groups", PASS, Double.NaN, "records that were drawn together are marked", List.of()));
        }
        for (int k = 2; k <= LARGEST_GROUP; k++) {
            int blocks = standardised(rewards, k);
            if (blocks > 0) {
                return List.of(new Gate(
                        "groups",
                        WARN,
                        k,
                        Gates.text(
                                "the policy's rewards have mean 0 and spread 1 in each of %d blocks of %d records in a row, as"
                                        + " a group method leaves them: if these were drawn together, intervals are too narrow;"
                                        + " give each such block a value of its own in the field group, and raw rewards",
                                blocks, k),
                        List.of()));
            }
        }
        return List.of(new Gate("groups", PASS, 0, "no sign of records that were drawn together", List.of()));
    }

    private static double[] policyRewards(Atoms atoms) {
        double[] rewards = new double[Math.min(MOST_RECORDS, atoms.records(RolloutLog.POLICY))];
        int[] count = {0};
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count && count[0] < rewards.length; i++) {
                if (block.stratum[i] == RolloutLog.POLICY) {
                    rewards[count[0]++] = block.reward[i];
                }
            }
        });
        return rewards;
    }

    /** In how many blocks of k records the rewards are standardised, if they are in nearly all; else 0. */
    private static int standardised(double[][] rewards, int k) {
        int blocks = 0;
        int plain = 0; // blocks whose rewards are all the same: standardised, they are zeros
        int fitting = 0;
        for (double[] own : rewards) {
            if (own.length % k != 0 && own.length < MOST_RECORDS) {
                return 0;
            }
            for (int from = 0; from + k <= own.length; from += k) {
                boolean zeros = true;
                for (int i = from; i < from + k; i++) {
                    zeros &= own[i] == 0;
                }
                blocks++;
                plain += zeros ? 1 : 0;
                fitting += !zeros && isStandardised(own, from, k) ? 1 : 0;
            }
        }
        return fitting >= FEWEST_BLOCKS && fitting >= SHARE * (blocks - plain) ? fitting : 0;
    }

    private static boolean isStandardised(double[] rewards, int from, int k) {
        double sum = 0;
        double squares = 0;
        for (int i = from; i < from + k; i++) {
            sum += rewards[i];
            squares += rewards[i] * rewards[i];
        }
        double mean = sum / k;
        double square = squares - sum * mean;
        boolean unit =
                Math.abs(Math.sqrt(square / k) - 1) <= SPREAD || Math.abs(Math.sqrt(square / (k - 1)) - 1) <= SPREAD;
        return Math.abs(mean) <= MEAN && unit;
    }
}
