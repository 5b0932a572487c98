package dev.credence.data.rollouts;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A uniform sample of texts: those with the lowest keys, where a key is a hash of the seed and the record's place in the
 * input. So the sample does not depend on who reads what when, and samples of parts can be merged.
 */
final class TextReservoir implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Texts kept of one prompt and source. */
    static final int CAPACITY = 200;

    /** A heap, the largest key first. */
    private long[] keys = new long[4];

    private String[] texts = new String[4];
    private int size;
    private long bound = Long.MAX_VALUE;

    /** What all keys of one file begin with. */
    static long fileKey(long seed, int file) {
        return mix(mix(seed) + file);
    }

    /** The key of a record. */
    static long key(long fileKey, long line) {
        return mix(fileKey + line);
    }

    /** A bijection on 64 bits that spreads every bit over all others (Stafford's variant 13, as in SplittableRandom). */
    private static long mix(long value) {
        long x = value + 0x9E3779B97F4A7C15L;
        x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
        x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
        return x ^ x >>> 31;
    }

    /** Whether a text with this key would be kept. */
    boolean wants(long key) {
        return key < bound;
    }

    /** Adds a text that is wanted. */
    void add(long key, String text) {
        if (size == CAPACITY) {
            sink(key, text);
        } else {
            rise(key, text);
        }
        if (size == CAPACITY) {
            bound = keys[0];
        }
    }

    private void rise(long key, String text) {
        if (size == keys.length) {
            int length = Math.min(CAPACITY, 2 * size);
            keys = Arrays.copyOf(keys, length);
            texts = Arrays.copyOf(texts, length);
        }
        int at = size++;
        while (at > 0 && keys[(at - 1) / 2] < key) {
            move((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
        keys[at] = key;
        texts[at] = text;
    }

    /** Puts a text in the place of the one with the largest key. */
    private void sink(long key, String text) {
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && keys[child + 1] > keys[child]) {
                child++;
            }
            if (keys[child] <= key) {
                break;
            }
            move(child, at);
            at = child;
        }
        keys[at] = key;
        texts[at] = text;
    }

    private void move(int from, int to) {
        keys[to] = keys[from];
        texts[to] = texts[from];
    }

    void addAll(TextReservoir other) {
        for (int i = 0; i < other.size; i++) {
            if (wants(other.keys[i])) {
                add(other.keys[i], other.texts[i]);
            }
        }
    }

    /** The texts, in the order of their keys. */
    List<String> texts() {
        return IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingLong(i -> keys[i]))
                .map(i -> texts[i])
                .toList();
    }
}
