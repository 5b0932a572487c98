package dev.credence.bench.speed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
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
     * @param processor seconds of processor time of the whole process; NaN where it does not say
     * @param count units done
     */
    record Turn(double seconds, double processor, double count) {
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
        return ratio(Turn::seconds);
    }

    /** The same by processor time, which says more on a machine with other work; NaN where the peer does not tell its own. */
    double processorRatio() {
        return ratio(Turn::processor);
    }

    private double ratio(ToDoubleFunction<Turn> time) {
        double[] ratios = new double[theirs.size()];
        for (int i = 0; i < ratios.length; i++) {
            Turn own = ours.get(i);
            Turn other = theirs.get(i);
            ratios[i] = own.count / time.applyAsDouble(own) / (other.count / time.applyAsDouble(other));
        }
        return Timing.median(ratios);
    }

    /** {@return one line for people who wait for the others} */
    String describe() {
        String own = String.format(Locale.ROOT, "%s: %s", title, times(ours));
        if (!hasPeer()) {
            return own + ", no peer: " + skipped;
        }
        String beside = String.format(Locale.ROOT, "%s, the peer %s, ratio %.2f", own, times(theirs), ratio());
        return Double.isNaN(processorRatio())
                ? beside
                : beside + String.format(Locale.ROOT, ", by processor %.2f", processorRatio());
    }

    private static String times(List<Turn> turns) {
        double processor = processor(turns);
        String clock = String.format(Locale.ROOT, "%.4f s", seconds(turns));
        return Double.isNaN(processor)
                ? clock
                : clock + String.format(Locale.ROOT, " (%.4f of a processor)", processor);
    }

    static double processor(List<Turn> turns) {
        return Timing.median(turns.stream().mapToDouble(Turn::processor).toArray());
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
        fields.put("processorSeconds", number(processor(ours)));
        fields.put("rate", rate(ours));
        if (hasPeer()) {
            fields.put("peerSeconds", seconds(theirs));
            fields.put("peerProcessorSeconds", number(processor(theirs)));
            fields.put("peerRate", rate(theirs));
            fields.put("ratio", ratio());
            fields.put("processorRatio", number(processorRatio()));
        } else {
            fields.put("skipped", skipped);
        }
        fields.put("goal", goal);
        return fields;
    }

    private static @Nullable Double number(double known) {
        return Double.isNaN(known) ? null : known;
    }
}
