package dev.credence.core.diagnostics;

import java.util.Arrays;

/** Numbers distinct keys 0, 1, 2 … in the order in which they turn up: an open-addressing map without boxes. */
final class LongIndex {
    private static final long EMPTY = -1;

    private long[] keys; // a power of two, at most half full
    private int[] numbers;
    private int size;

    LongIndex(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected)) << 2;
        keys = new long[capacity];
        numbers = new int[capacity];
        Arrays.fill(keys, EMPTY);
    }

    /**
     * The number of a key.
     *
     * @param key not negative
     * @return its number, a new one if it was not seen before
     */
    int of(long key) {
        int slot = slot(keys, key);
        if (keys[slot] == EMPTY) {
            if (2 * (size + 1) > keys.length) {
                grow();
                slot = slot(keys, key);
            }
            keys[slot] = key;
            numbers[slot] = size++;
        }
        return numbers[slot];
    }

    /** {@return how many distinct keys were seen} */
    int size() {
        return size;
    }

    private static int slot(long[] keys, long key) {
        long mixed = key * 0x9E3779B97F4A7C15L; // Fibonacci hashing: the high bits are well mixed
        int slot = (int) (mixed >>> 32) & (keys.length - 1);
        while (keys[slot] != EMPTY && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] larger = new long[2 * keys.length];
        int[] renumbered = new int[larger.length];
        Arrays.fill(larger, EMPTY);
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != EMPTY) {
                int slot = slot(larger, keys[i]);
                larger[slot] = keys[i];
                renumbered[slot] = numbers[i];
            }
        }
        keys = larger;
        numbers = renumbered;
    }
}
