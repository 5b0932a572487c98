package dev.credence.core.audit;

import java.util.Arrays;

/**
 * What a prompt's records show of the reward's support, which decides what bounds the weights of a tilt (docs/theory.md#levels).
 */
enum RewardShape {
    /** A few values, most of them seen often: weights are bounded, and what matters is which level was seen too rarely. */
    LEVELS,
    /** Many values, within stated limits. */
    BOUNDED,
    /** Many values, without a known limit: the tail of the weights tells whether a mean exists. */
    OPEN;

    private static final int MOST_LEVELS = 50;
    private static final int RECORDS_PER_SINGLE_LEVEL = 10;

    /**
     * Whether the atoms' rewards are levels: at most 50 values, and at most one atom in ten is a value of its own.
     *
     * @param index of the atoms' rewards, or null where they have too many values for one
     * @param counts (levels) of atoms
     */
    static boolean areLevels(LevelIndex index, int[] counts) {
        long single = Arrays.stream(counts).filter(count -> count == 1).count();
        long records = Arrays.stream(counts).asLongStream().sum();
        return index.reward().length <= MOST_LEVELS && single * RECORDS_PER_SINGLE_LEVEL <= records;
    }
}
