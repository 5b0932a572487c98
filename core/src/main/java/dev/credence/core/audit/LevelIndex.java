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

    private static final int SLOTS = 4 * MOST;
    private static final int SLOT_SHIFT = 52; // leaves 12 bits of 64: SLOTS

    private final short[] levelOf; // (atoms)
    private final int[] slot = new int[SLOTS]; // open addressing on the reward's bits: level + 1, 0 where empty
    private double[] reward = new double[16];
    private int size;

    private LevelIndex(int atoms) {
        levelOf = new short[atoms];
    }

    /** Indexes the atoms, or null where they have too many different rewards. */
    static @Nullable LevelIndex of(int atoms, IntToDoubleFunction reward) {
        LevelIndex index = new LevelIndex(atoms);
        for (int i = 0; i < atoms; i++) {
            int level = index.level(reward.applyAsDouble(i) + 0.0); // −0 is 0
            if (level < 0) {
                return null;
            }
            index.levelOf[i] = (short) level;
        }
        index.reward = Arrays.copyOf(index.reward, index.size);
        return index;
    }

    /** The level of a reward, or −1 where it is one too many. */
    private int level(double value) {
        int at = (int) ((Double.doubleToLongBits(value) * 0x9E3779B97F4A7C15L) >>> SLOT_SHIFT);
        while (slot[at] != 0) {
            if (reward[slot[at] - 1] == value) {
                return slot[at] - 1;
            }
            at = (at + 1) % SLOTS;
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

    /** The different rewards, in the order in which the atoms show them; not to be written to. */
    double[] reward() {
        return reward;
    }

    /** Writes the levels of a block's atoms. */
    void load(int from, AtomBlock block) {
        System.arraycopy(levelOf, from, block.level, 0, block.count);
    }
}
