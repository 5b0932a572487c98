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
 * Speed of transformers beside their peers, for people and for programs.
 *
 * @param backend what computed here
 * @param pairs work done by both
 * @param shares what scoring reaches of its matrix products' speed, by width
 */
record TorchReport(String backend, List<TorchPairs> pairs, List<TorchSpeed.Share> shares) {
    private static final double SHARE_GOAL = 0.6;

    /** Copies the lists. */
    TorchReport {
        pairs = List.copyOf(pairs);
        shares = List.copyOf(shares);
    }

    void print(Console console) {
        console.line(Style.BOLD, backend);
        print(pairs, console);
        console.line();
        printShares(console);
    }

    /** Work done by both, a row each. */
    static void print(List<TorchPairs> pairs, Console console) {
        TextTable table = new TextTable(2)
                .words("", 48)
                .numbers("seconds")
                .numbers("a second")
                .numbers("peer's seconds")
                .numbers("a second")
                .numbers("ratio")
                .numbers("goal");
        for (TorchPairs pair : pairs) {
            double goal = pair.goal();
            String wanted = Double.isNaN(goal) ? "" : text("%.3g", goal);
            String seconds = text("%.4f", TorchPairs.seconds(pair.ours()));
            String rate = text("%,.0f %s", TorchPairs.rate(pair.ours()), pair.unit());
            if (pair.hasPeer()) {
                table.row(
                        Double.isNaN(goal) || pair.ratio() >= goal ? Style.GOOD : Style.WARN,
                        pair.title(),
                        seconds,
                        rate,
                        text("%.4f", TorchPairs.seconds(pair.theirs())),
                        text("%,.0f %s", TorchPairs.rate(pair.theirs()), pair.unit()),
                        text("%.2f", pair.ratio()),
                        wanted);
            } else {
                table.row(Style.DIM, pair.title(), seconds, rate, "skipped");
                table.note(pair.skipped());
            }
        }
        table.print(console);
    }

    private void printShares(Console console) {
        TextTable table = new TextTable(2)
                .words("scoring: share of the matrix products alone", 48)
                .numbers("GFLOP/s")
                .numbers("products alone")
                .numbers("share")
                .numbers("goal");
        for (TorchSpeed.Share share : shares) {
            table.row(
                    share.share() >= SHARE_GOAL ? Style.GOOD : Style.WARN,
                    text("width %d", share.width()),
                    text("%.0f", share.reached() / 1e9),
                    text("%.0f", share.peak() / 1e9),
                    text("%.0f %%", 100 * share.share()),
                    text("%.0f %%", 100 * SHARE_GOAL));
        }
        table.print(console);
    }

    Map<String, @Nullable Object> document(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.torch/1", provenance);
        document.put("backend", backend);
        document.put("work", pairs.stream().map(TorchPairs::fields).toList());
        document.put("matrixProducts", shares.stream().map(TorchReport::fields).toList());
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static Map<String, @Nullable Object> fields(TorchSpeed.Share share) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("width", share.width());
        fields.put("operationsPerSecond", share.reached());
        fields.put("alonePerSecond", share.peak());
        fields.put("share", share.share());
        return fields;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
