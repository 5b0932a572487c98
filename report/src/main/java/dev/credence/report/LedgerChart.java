package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import java.util.List;

/** The ledger as a stacked bar: KL(π‖π0) above, and what it is made of below. */
final class LedgerChart {
    private static final int SHIFT = 9;
    private static final int NAMES = 74;

    private LedgerChart() {}

    static Chart of(String anchor, Finding total, Finding explained, Finding departure) {
        ObjectNode option = Options.bars("nats per text", NAMES);
        option.withObject("yAxis").putArray("data").add("KL(π‖π₀)").add("of which");
        ArrayNode series = Options.series(option);
        series.add(bar("total", "var(--prior)", total, 0));
        series.add(bar("explained", "var(--posterior)", explained, 1));
        ObjectNode hatched = bar("departure", "var(--policy)", departure, 1);
        hatched.withObject("itemStyle").set("decal", Options.parse("""
                {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": 0.7,
                 "color": "var(--hatch)"}"""));
        series.add(hatched);
        ObjectNode whiskers = Options.whiskers();
        whisker(whiskers, total, 0, 0, 0);
        whisker(whiskers, explained, 0, 1, -SHIFT);
        whisker(whiskers, departure, explained.estimate(), 1, SHIFT);
        series.add(whiskers);
        return new Chart(
                anchor,
                "Where the nats went",
                "The policy's divergence from the prior is the sum of what the nearest conditional explains and of what is left"
                        + " over. The whisker on the hatched part starts where the filled part ends.",
                text(total) + ", of which " + text(explained) + " and " + text(departure) + ".",
                150,
                List.of(
                        new Chart.Key(Chart.Sign.FILLED, "var(--prior)", "policy from prior"),
                        new Chart.Key(Chart.Sign.FILLED, "var(--posterior)", "explained by conditioning"),
                        new Chart.Key(Chart.Sign.HATCHED, "var(--policy)", "departure from every conditional"),
                        new Chart.Key(Chart.Sign.WHISKER, "var(--ink)", "95 % interval")),
                option);
    }

    private static ObjectNode bar(String name, String colour, Finding finding, int row) {
        ObjectNode bar = Options.parse("""
                {"type": "bar", "stack": "ledger", "barWidth": 34, "emphasis": {"disabled": true},
                 "itemStyle": {}, "data": []}""");
        bar.put("name", name);
        bar.withObject("itemStyle").put("color", colour).put("opacity", finding.stands() ? 1 : 0.35);
        bar.withArray("data").add(Options.point(text(finding), finding.estimate(), row));
        return bar;
    }

    private static void whisker(ObjectNode series, Finding finding, double from, int row, int shift) {
        if (FindingFormat.hasInterval(finding) && Options.finite(from, finding.lower(), finding.upper())) {
            series.withArray("data")
                    .add(Options.point(text(finding), from + finding.lower(), from + finding.upper(), row, shift));
        }
    }

    private static String text(Finding finding) {
        String name = switch (finding.id()) {
            case "kl.policy_prior" -> "policy from prior ";
            case "kl.explained" -> "explained ";
            default -> "departure ";
        };
        return name + FindingFormat.of(finding) + " " + finding.unit() + (finding.stands() ? "" : " (withdrawn)");
    }
}
