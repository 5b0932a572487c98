package dev.credence.bench.speed;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speed of training steps beside PyTorch's, for people and for programs.
 *
 * @param backend what computed here
 * @param tokens predicted in a step
 * @param peakBytes most memory of this process, the JVM included; 0: not known
 * @param peers PyTorch's modes
 */
record TrainReport(String backend, long tokens, long peakBytes, List<Peer> peers) {
    private static final Map<String, Double> GOALS = Map.of("eager", 1.3, "compile", 1.0);
    private static final double MEGABYTE = 1e6;

    /** Copies the list. */
    TrainReport {
        peers = List.copyOf(peers);
    }

    /**
     * One mode of PyTorch and our steps in turn with it.
     *
     * @param mode eager or compile
     * @param version of PyTorch, or empty
     * @param ours seconds of our steps
     * @param theirs seconds of its steps
     * @param peakBytes most memory of its process
     * @param skipped why it was not run, or empty
     */
    record Peer(String mode, String version, List<Double> ours, List<Double> theirs, long peakBytes, String skipped) {
        /** How many times as fast we are: the median over turns. */
        double ratio() {
            double[] ratios = new double[theirs.size()];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = theirs.get(i) / ours.get(i);
            }
            return Timing.median(ratios);
        }

        double goal() {
            return GOALS.getOrDefault(mode, Double.NaN);
        }
    }

    void print(Console console) {
        console.line(Style.BOLD, backend);
        TextTable table = new TextTable(2)
                .words("a training step", 40)
                .numbers("seconds")
                .numbers("tokens a second")
                .numbers("peak MB")
                .numbers("times as fast")
                .numbers("goal");
        for (Peer peer : peers) {
            row(table, Style.GOOD, "Credence", peer.ours(), peakBytes, "", "");
            if (!peer.skipped().isEmpty()) {
                table.row(Style.DIM, "  PyTorch, " + peer.mode(), "skipped");
                table.note(peer.skipped());
            } else {
                row(
                        table,
                        peer.ratio() >= peer.goal() ? Style.GOOD : Style.WARN,
                        "  beside PyTorch " + peer.version() + ", " + peer.mode(),
                        peer.theirs(),
                        peer.peakBytes(),
                        text("%.2f", peer.ratio()),
                        text("%.1f", peer.goal()));
            }
        }
        table.print(console);
    }

    private void row(
            TextTable table, Style style, String what, List<Double> seconds, long bytes, String ratio, String goal) {
        double median =
                Timing.median(seconds.stream().mapToDouble(Double::doubleValue).toArray());
        table.row(
                style,
                what,
                text("%.3f", median),
                text("%,.0f", tokens / median),
                bytes == 0 ? "" : text("%,.0f", bytes / MEGABYTE),
                ratio,
                goal);
    }

    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.train/1", provenance);
        document.put("backend", backend);
        document.put("tokens", tokens);
        document.put("peakBytes", peakBytes);
        document.put("peers", peers.stream().map(TrainReport::fields).toList());
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static Map<String, @Nullable Object> fields(Peer peer) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("mode", peer.mode());
        fields.put("seconds", peer.ours());
        if (peer.skipped().isEmpty()) {
            fields.put("version", peer.version());
            fields.put("peerSeconds", peer.theirs());
            fields.put("peerPeakBytes", peer.peakBytes());
            fields.put("timesAsFast", peer.ratio());
            fields.put("goal", peer.goal());
        } else {
            fields.put("skipped", peer.skipped());
        }
        return fields;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
