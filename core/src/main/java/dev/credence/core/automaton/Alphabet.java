package dev.credence.core.automaton;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Characters sorted into classes: those of a class are told apart by nothing that is asked. */
final class Alphabet {
    static final int CODE_POINTS = 0x110000;

    private final int[] classOf = new int[CODE_POINTS];
    private int classes = 1;

    /** All characters alike. */
    Alphabet() {}

    /** Tells the members of a set from the others. */
    void tellApart(BitSet members) {
        Map<Integer, Integer> inside = new HashMap<>();
        int[] size = new int[classes];
        if (members.cardinality() == 1) {
            int only = members.nextSetBit(0);
            int before = classOf[only];
            boolean alone =
                    Arrays.stream(classOf).filter(c -> c == before).limit(2).count() == 1;
            if (!alone) {
                classOf[only] = classes++;
            }
            return;
        }
        for (int c : classOf) {
            size[c]++;
        }
        members.stream().forEach(c -> size[classOf[c]]--);
        members.stream().forEach(c -> {
            int before = classOf[c];
            if (size[before] > 0) { // some of the class are outside
                classOf[c] = inside.computeIfAbsent(before, b -> classes++);
            }
        });
    }

    int of(int codePoint) {
        return classOf[codePoint];
    }

    int size() {
        return classes;
    }

    /** (classes) whether a class's characters are members of a set that was told apart. */
    boolean[] within(BitSet members) {
        boolean[] within = new boolean[classes];
        members.stream().forEach(c -> within[classOf[c]] = true);
        return within;
    }
}
