package dev.credence.core.automaton;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Characters sorted into classes: those of a class are told apart by nothing that is asked. Kept as runs of neighbours of one class,
 * of which a pattern has hundreds at most where there are a million characters.
 */
final class Alphabet {
    static final int CODE_POINTS = 0x110000;

    private int[] starts = {0}; // (runs) first characters, ascending
    private int[] classOf = {0}; // (runs), never the same in neighbours
    private int classes = 1;

    /** All characters alike. */
    Alphabet() {}

    /** Tells the members of a set from the others. */
    void tellApart(BitSet members) {
        int[] cut = cuts(members);
        int[] now = new int[cut.length];
        boolean[] isOutside = new boolean[classes]; // some of the class are no members
        for (int run = 0; run < cut.length; run++) {
            now[run] = of(cut[run]);
            isOutside[now[run]] |= !members.get(cut[run]);
        }
        int[] inside = new int[classes]; // the class of those of the class that are members; 0 where it is not made yet
        for (int run = 0; run < cut.length; run++) {
            int before = now[run];
            if (members.get(cut[run]) && isOutside[before]) {
                inside[before] = inside[before] == 0 ? classes++ : inside[before];
                now[run] = inside[before];
            }
        }
        int[] kept = IntStream.range(0, cut.length)
                .filter(run -> run == 0 || now[run] != now[run - 1])
                .toArray();
        starts = Arrays.stream(kept).map(run -> cut[run]).toArray();
        classOf = Arrays.stream(kept).map(run -> now[run]).toArray();
    }

    /** Where runs begin that are either within a set or outside it. */
    private int[] cuts(BitSet members) {
        IntStream.Builder edges = IntStream.builder();
        for (int from = members.nextSetBit(0); from >= 0; ) {
            int to = members.nextClearBit(from);
            edges.add(from).add(to);
            from = members.nextSetBit(to);
        }
        return IntStream.concat(Arrays.stream(starts), edges.build())
                .filter(c -> c < CODE_POINTS)
                .sorted()
                .distinct()
                .toArray();
    }

    int of(int codePoint) {
        return classOf[run(codePoint)];
    }

    /** The class that all characters from one to before another are of, or -1 where they differ. */
    int common(int from, int to) {
        int run = run(from);
        return run + 1 == starts.length || starts[run + 1] >= to ? classOf[run] : -1;
    }

    private int run(int codePoint) {
        int found = Arrays.binarySearch(starts, codePoint);
        return found >= 0 ? found : -found - 2;
    }

    int size() {
        return classes;
    }

    /** (classes) whether a class's characters are members of a set that was told apart. */
    boolean[] within(BitSet members) {
        boolean[] within = new boolean[classes];
        for (int run = 0; run < starts.length; run++) {
            within[classOf[run]] |= members.get(starts[run]);
        }
        return within;
    }
}
