package dev.credence.core.audit;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One prompt's atoms summed by reward, where there are few different rewards: all that a tilt in the reward needs, so
 * that solving for λ costs no further pass over the records.
 *
 * @param reward (levels)
 * @param mass (levels), Σ ū
 * @param logRatio (levels), Σ ū ℓ
 */
record RewardLevels(double[] reward, double[] mass, double[] logRatio) {
    /** More different rewards than this are summed record by record. */
    private static final int MOST = 1024;

    /** Sums the atoms, or null where they have too many different rewards. */
    static @Nullable RewardLevels of(Atoms atoms) {
        Builder builder = new Builder();
        atoms.forEachBlock(builder::add);
        return builder.levels > MOST ? null : builder.build();
    }

    int size() {
        return reward.length;
    }

    /** Open addressing on the reward's bits. */
    private static final class Builder {
        private static final int SLOTS = 4 * MOST;

        private final int[] slot = new int[SLOTS]; // level + 1, 0 where empty
        private double[] reward = new double[16];
        private double[] mass = new double[16];
        private double[] logRatio = new double[16];
        private int levels;

        void add(Block block) {
            for (int i = 0; i < block.count && levels <= MOST; i++) {
                int level = levelOf(block.reward[i] + 0.0); // −0 is 0
                mass[level] += block.u[i];
                logRatio[level] += block.isSupported(i) ? block.u[i] * block.logRatio[i] : 0;
            }
        }

        private int levelOf(double value) {
            long bits = Double.doubleToLongBits(value);
            int at = (int) ((bits * 0x9E3779B97F4A7C15L) >>> 52); // 12 bits: SLOTS
            while (slot[at] != 0) {
                if (reward[slot[at] - 1] == value) {
                    return slot[at] - 1;
                }
                at = (at + 1) % SLOTS;
            }
            if (levels == reward.length) {
                reward = Arrays.copyOf(reward, 2 * levels);
                mass = Arrays.copyOf(mass, 2 * levels);
                logRatio = Arrays.copyOf(logRatio, 2 * levels);
            }
            reward[levels] = value;
            slot[at] = ++levels;
            return levels - 1;
        }

        RewardLevels build() {
            return new RewardLevels(
                    Arrays.copyOf(reward, levels), Arrays.copyOf(mass, levels), Arrays.copyOf(logRatio, levels));
        }
    }
}
