package dev.credence.core.audit;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which of a prompt's few different rewards each atom has (two bytes an atom), so that what depends on the reward alone,
 * above all an exponential, is found once a reward and not once an atom.
 */
final class LevelIndex {
    /** Of more different rewards than this no index is kept. */
    private static final int MOST = 1024;

    private static final int LEAST_SLOTS = 16;

    private final short[] levelOf; // (atoms)
    private final double[] reward;

    private LevelIndex(short[] levelOf, double[] reward) {
        this.levelOf = levelOf;
        this.reward = reward;
    }

    /** Indexes the atoms, or null where they have too many different rewards. */
    static @Nullable LevelIndex of(int atoms, IntToDoubleFunction reward) {
        short[] levelOf = new short[atoms];
        Growing levels = new Growing(Math.min(atoms, MOST));
        for (int i = 0; i < atoms; i++) {
            int level = levels.level(reward.applyAsDouble(i) + 0.0); // −0 is 0
            if (level < 0) {
                return null;
            }
            levelOf[i] = (short) level;
        }
        return new LevelIndex(levelOf, Arrays.copyOf(levels.reward, levels.size));
    }

    /** The levels while they are found. The table is as large as the atoms need: there may be a hundred thousand prompts. */
    private static final class Growing {
        private final int[] slot; // open addressing on the reward's bits: level + 1, 0 where empty
        private double[] reward = new double[LEAST_SLOTS];
        private int size;

        Growing(int most) {
            slot = new int[Integer.highestOneBit(Math.max(LEAST_SLOTS, 4 * most))];
        }

        /** The level of a reward, or −1 where it is one too many. */
        int level(double value) {
            int bits = Integer.numberOfTrailingZeros(slot.length);
            int at = (int) ((Double.doubleToLongBits(value) * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - bits));
            while (slot[at] != 0) {
                if (reward[slot[at] - 1] == value) {
                    return slot[at] - 1;
                }
                at = (at + 1) % slot.length;
            }
            if (size == MOST) {
                return -1;
            }
            if (size == reward.length) {
                reward = Arrays.copyOf(reward, 2 * size);
            }
            reward[size] = value;
            slot[at] = ++size;
            return size - 1;
        }
    }

    /** The different rewards, in the order in which the atoms show them; not to be written to. */
    double[] reward() {
        return reward;
    }

    /** Writes the levels of a block's atoms. */
    void load(int from, AtomBlock block) {
        System.arraycopy(levelOf, from, block.level, 0, block.count);
    }
}
