package dev.credence.data.rollouts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Numbers texts in the order they are first seen by one worker. A text may be asked for by the raw bytes of its JSON
 * string, so that one seen before is neither decoded nor allocated; different spellings of one text get one number.
 */
final class TextNumbers {
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final UnaryOperator<String> meaning;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> texts = new ArrayList<>();

    private byte[][] spellings = new byte[64][];
    private int[] spelled = new int[64];
    private int used;
    private byte[] lastSpelling = {};
    private int last = -1;

    /** Texts that mean themselves. */
    TextNumbers() {
        this(UnaryOperator.identity());
    }

    /** Texts of which several may mean the same, and so have one number. */
    TextNumbers(UnaryOperator<String> meaning) {
        this.meaning = meaning;
    }

    /** The number of a text. */
    int number(String written) {
        String text = meaning.apply(written);
        Integer known = numbers.putIfAbsent(text, texts.size());
        if (known == null) {
            texts.add(text);
            return texts.size() - 1;
        }
        return known;
    }

    /** The number of the text with these raw bytes. */
    int number(byte[] b, int from, int to, boolean escaped) {
        if (last >= 0 && Arrays.equals(b, from, to, lastSpelling, 0, lastSpelling.length)) {
            return last;
        }
        int mask = spellings.length - 1;
        int slot = (int) hash(b, from, to) & mask;
        for (; spellings[slot] != null; slot = (slot + 1) & mask) {
            byte[] spelling = spellings[slot];
            if (Arrays.equals(b, from, to, spelling, 0, spelling.length)) {
                return remember(spelling, spelled[slot]);
            }
        }
        int number = number(JsonBytes.decode(b, from, to, escaped));
        byte[] spelling = Arrays.copyOfRange(b, from, to);
        put(slot, spelling, number);
        return remember(spelling, number);
    }

    private int remember(byte[] spelling, int number) {
        lastSpelling = spelling;
        last = number;
        return number;
    }

    private void put(int slot, byte[] spelling, int number) {
        spellings[slot] = spelling;
        spelled[slot] = number;
        if (++used * 2 > spellings.length) {
            grow();
        }
    }

    private void grow() {
        byte[][] oldSpellings = spellings;
        int[] oldSpelled = spelled;
        spellings = new byte[oldSpellings.length * 2][];
        spelled = new int[spellings.length];
        int mask = spellings.length - 1;
        for (int i = 0; i < oldSpellings.length; i++) {
            byte[] spelling = oldSpellings[i];
            if (spelling != null) {
                int slot = (int) hash(spelling, 0, spelling.length) & mask;
                while (spellings[slot] != null) {
                    slot = (slot + 1) & mask;
                }
                spellings[slot] = spelling;
                spelled[slot] = oldSpelled[i];
            }
        }
    }

    /** A hash of the bytes; reads only those. */
    private static long hash(byte[] b, int from, int to) {
        long hash = (long) to - from;
        int p = from;
        for (; p + 8 <= to; p += 8) {
            hash = (hash ^ JsonBytes.word(b, p)) * MIX;
            hash ^= hash >>> 29;
        }
        for (; p < to; p++) {
            hash = (hash ^ b[p]) * MIX;
        }
        return hash ^ hash >>> 32;
    }

    String text(int number) {
        return texts.get(number);
    }

    int size() {
        return texts.size();
    }
}
