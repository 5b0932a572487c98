package dev.credence.core.automaton;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Reads bytes of UTF-8 as classes of characters, one byte at a time. Bytes of which no character comes give U+FFFD, one for
 * each longest beginning of a character (Unicode 15, section 3.9, table 3-8). Beginnings that only lead to the same classes
 * are one state; where all characters that may follow are of one class, that state is made once.
 */
final class Utf8Classes {
    static final int ROOT = 0;
    private static final int NONE = -1;

    private final TextMachine machine;
    private final Map<List<Integer>, Integer> ids = new HashMap<>();
    private final List<int[]> next = new ArrayList<>(); // (states, 256) state, where the byte goes on in the character
    private final List<int[]> read = new ArrayList<>(); // (states, 256) class of the character that the byte completes
    private final Map<Integer, Integer> lastOf = new HashMap<>(); // by class: the state where any one byte gives it
    private final Map<Integer, Integer> threeOf = new HashMap<>(); // by class: where any two bytes do

    Utf8Classes(TextMachine machine) {
        this.machine = machine;
        int[] to = filled();
        int[] classes = filled();
        next.add(to);
        read.add(classes);
        for (int first = 0; first < 0x80; first++) {
            to[first] = ROOT;
            classes[first] = machine.classOf(first);
        }
        for (int first = 0xC2; first < 0xE0; first++) {
            to[first] = last((first & 0x1F) << 6);
        }
        for (int first = 0xE0; first < 0xF0; first++) {
            int low = first == 0xE0 ? 0xA0 : 0x80;
            int high = first == 0xED ? 0x9F : 0xBF;
            to[first] = threeFrom((first & 0xF) << 12, low, high);
        }
        for (int first = 0xF0; first < 0xF5; first++) {
            int[] inner = filled();
            for (int b = first == 0xF0 ? 0x90 : 0x80; b <= (first == 0xF4 ? 0x8F : 0xBF); b++) {
                inner[b] = threeFrom((first & 7) << 18 | (b & 0x3F) << 12, 0x80, 0xBF);
            }
            to[first] = idOf(inner, filled());
        }
    }

    /** The state after a byte, or −1 where the byte does not go on what was begun. */
    int next(int state, int b) {
        return next.get(state)[b];
    }

    /** The class of the character that a byte completes, or −1 where it completes none. */
    int read(int state, int b) {
        return read.get(state)[b];
    }

    /** The class of U+FFFD. */
    int replacement() {
        return machine.classOf(0xFFFD);
    }

    private int threeFrom(int bits, int low, int high) {
        int common = low == 0x80 && high == 0xBF ? machine.common(bits, bits + (1 << 12)) : -1;
        return common < 0 ? threeApart(bits, low, high) : known(threeOf, common, () -> threeApart(bits, low, high));
    }

    private int threeApart(int bits, int low, int high) {
        int[] inner = filled();
        for (int b = low; b <= high; b++) {
            inner[b] = last(bits | (b & 0x3F) << 6);
        }
        return idOf(inner, filled());
    }

    /** One byte is missing. */
    private int last(int bits) {
        int common = machine.common(bits, bits + (1 << 6));
        return common < 0 ? lastApart(bits) : known(lastOf, common, () -> lastApart(bits));
    }

    private static int known(Map<Integer, Integer> states, int common, IntSupplier otherwise) {
        Integer known = states.get(common);
        if (known == null) {
            known = otherwise.getAsInt();
            states.put(common, known);
        }
        return known;
    }

    private int lastApart(int bits) {
        int[] to = filled();
        int[] classes = filled();
        for (int b = 0x80; b <= 0xBF; b++) {
            to[b] = ROOT;
            classes[b] = machine.classOf(bits | (b & 0x3F));
        }
        return idOf(to, classes);
    }

    private int idOf(int[] to, int[] classes) {
        List<Integer> key = new ArrayList<>(128);
        for (int b = 0x80; b <= 0xBF; b++) {
            key.add(to[b]);
            key.add(classes[b]);
        }
        return ids.computeIfAbsent(key, k -> {
            next.add(to);
            read.add(classes);
            return next.size() - 1;
        });
    }

    private static int[] filled() {
        int[] none = new int[256];
        Arrays.fill(none, NONE);
        return none;
    }
}
