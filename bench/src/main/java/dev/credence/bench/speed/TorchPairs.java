package dev.credence.bench.speed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The same work done here and by a peer, turn by turn.
 *
 * @param title what is done
 * @param unit what is counted, in the plural
 * @param goal how many times as fast as the peer it should be; NaN: none
 * @param ours one a turn
 * @param theirs one a turn; empty where the peer was skipped
 * @param skipped why, or empty
 */
record TorchPairs(String title, String unit, double goal, List<Turn> ours, List<Turn> theirs, String skipped) {
    /**
     * One turn.
     *
     * @param seconds on the clock
     * @param count units done
     */
    record Turn(double seconds, double count) {
        double rate() {
            return count / seconds;
        }
    }

    /** Copies the lists. */
    TorchPairs {
        ours = List.copyOf(ours);
        theirs = List.copyOf(theirs);
    }

    boolean hasPeer() {
        return !theirs.isEmpty();
    }

    /** The median over the turns of how many times the peer's rate ours was. */
    double ratio() {
        double[] ratios = new double[theirs.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours.get(i).rate() / theirs.get(i).rate();
        }
        return Timing.median(ratios);
    }

    /** {@return one line for people who wait for the others} */
    String describe() {
        String own = String.format(Locale.ROOT, "%s: %.4f s", title, seconds(ours));
        return hasPeer()
                ? own + String.format(Locale.ROOT, ", the peer %.4f s, ratio %.2f", seconds(theirs), ratio())
                : own + ", no peer: " + skipped;
    }

    static double seconds(List<Turn> turns) {
        return Timing.median(turns.stream().mapToDouble(Turn::seconds).toArray());
    }

    static double rate(List<Turn> turns) {
        return Timing.median(turns.stream().mapToDouble(Turn::rate).toArray());
    }

    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("title", title);
        fields.put("unit", unit);
        fields.put("seconds", seconds(ours));
        fields.put("rate", rate(ours));
        if (hasPeer()) {
            fields.put("peerSeconds", seconds(theirs));
            fields.put("peerRate", rate(theirs));
            fields.put("ratio", ratio());
        } else {
            fields.put("skipped", skipped);
        }
        fields.put("goal", goal);
        return fields;
    }
}
