package dev.credence.lab.rollouts;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The length at which texts were cut, from their own lengths alone: one that many share, with hardly a longer one. */
final class OwnLengths {
    private static final int MANY = 5; // texts of one length, at the least
    private static final double SHARE = 0.05; // of all texts, at the least
    private static final double BEYOND = 0.1; // texts that are longer, for each of that length: drawn as fewer tokens

    private OwnLengths() {}

    /** That length; {@link Integer#MAX_VALUE} where none is seen. */
    static int limit(IntStream lengths) {
        TreeMap<Integer, Integer> counts = new TreeMap<>();
        lengths.forEach(length -> counts.merge(length, 1, Integer::sum));
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        int beyond = 0;
        for (Map.Entry<Integer, Integer> count : counts.descendingMap().entrySet()) {
            int own = count.getValue();
            if (own >= MANY && own >= SHARE * all && beyond <= BEYOND * own) {
                return count.getKey();
            }
            beyond += own;
        }
        return Integer.MAX_VALUE;
    }
}
