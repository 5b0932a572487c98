package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Plots;
import dev.credence.core.figures.FigureFormat;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Reward histograms of prior, posterior and policy, side by side. */
final class DensityChart {
    private DensityChart() {}

    /** The chart; the bins must not be empty. */
    static Chart of(String anchor, List<Plots.Bin> bins) {
        ObjectNode option = Options.plane("reward", "probability");
        ObjectNode axis = option.withObject("xAxis");
        axis.put("type", "category");
        axis.withObject("splitLine").put("show", false);
        ArrayNode labels = axis.putArray("data");
        bins.forEach(bin -> labels.add(range(bin)));
        option.withObject("yAxis").put("scale", false);
        ArrayNode series = Options.series(option);
        series.add(bars("prior", "var(--prior)", bins, Plots.Bin::prior));
        ObjectNode posterior = bars("posterior", "var(--posterior)", bins, Plots.Bin::posterior);
        series.add(posterior);
        ObjectNode policy = bars("policy", "var(--policy)", bins, Plots.Bin::policy);
        policy.withObject("itemStyle").set("decal", Options.parse("""
                {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": 0.7,
                 "color": "var(--hatch)"}"""));
        series.add(policy);
        return new Chart(
                anchor,
                "Rewards of prior, posterior and policy",
                "The posterior is the nearest conditional of the prior: it has the policy's mean reward. Where the policy's"
                        + " bars differ from it, the policy did something else than conditioning.",
                bins.size() + " bins of the reward; their numbers are in the table below the drawing.",
                340,
                List.of(
                        new Chart.Key(Chart.Sign.FILLED, "var(--prior)", "prior"),
                        new Chart.Key(Chart.Sign.FILLED, "var(--posterior)", "posterior"),
                        new Chart.Key(Chart.Sign.HATCHED, "var(--policy)", "policy")),
                option);
    }

    /** The numbers that were drawn. */
    static void table(Html html, List<Plots.Bin> bins) {
        html.open("details", "class", "numbers").element("summary", "The numbers drawn");
        Tables.open(
                html,
                "Probability of each range of rewards; the lower edge belongs to the range.",
                "bins",
                Column.text("Reward"),
                Column.number("Prior"),
                Column.number("Posterior"),
                Column.number("Policy"));
        for (Plots.Bin bin : bins) {
            html.open("tr").element("th", range(bin), "scope", "row", "data-sort", Double.toString(bin.low()));
            number(html, bin.prior());
            number(html, bin.posterior());
            number(html, bin.policy());
            html.close();
        }
        Tables.close(html);
        html.close();
    }

    private static void number(Html html, double mass) {
        html.element("td", FigureFormat.of(mass), "class", "num", "data-sort", Double.toString(mass));
    }

    private static ObjectNode bars(String name, String colour, List<Plots.Bin> bins, ToDoubleFunction<Plots.Bin> mass) {
        ObjectNode bars = Options.parse("""
                {"type": "bar", "barGap": "0%", "barCategoryGap": "24%", "emphasis": {"disabled": true}, "data": []}""");
        bars.put("name", name).withObject("itemStyle").put("color", colour);
        ArrayNode data = bars.withArray("data");
        for (Plots.Bin bin : bins) {
            double share = mass.applyAsDouble(bin);
            String text = name + ", reward " + range(bin) + ": " + FigureFormat.of(share);
            ObjectNode drawn = data.addObject().put("text", text);
            if (Options.finite(share)) {
                drawn.put("value", share);
            } else {
                drawn.putNull("value");
            }
        }
        return bars;
    }

    private static String range(Plots.Bin bin) {
        return bin.low() == bin.high()
                ? FigureFormat.of(bin.low())
                : FigureFormat.of(bin.low()) + " to " + FigureFormat.of(bin.high());
    }
}
