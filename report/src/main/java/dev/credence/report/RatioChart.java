package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.Plots;
import dev.credence.core.figures.FigureFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Log-ratio against reward, with the fitted line and the line that was asked. */
final class RatioChart {
    /** Up to so many distinct rewards, the sources are drawn side by side. */
    private static final int DISCRETE = 12;

    private final Plots plots;
    private final List<Plots.Point> points;
    private final Span rewards;
    private final List<Chart.Key> keys = new ArrayList<>();

    private RatioChart(Plots plots) {
        this.plots = plots;
        this.points = plots.points().stream()
                .filter(point -> Options.finite(point.reward(), point.logRatio()))
                .toList();
        this.rewards = Span.of(points.stream().mapToDouble(Plots.Point::reward));
    }

    /** The chart; the points must not be empty. */
    static Chart of(String anchor, Plots plots) {
        RatioChart chart = new RatioChart(plots);
        ObjectNode option = chart.option();
        return new Chart(
                anchor,
                "Log-ratio against reward",
                chart.caption(),
                chart.spoken(),
                340,
                List.copyOf(chart.keys),
                option);
    }

    private ObjectNode option() {
        ObjectNode option = Options.plane("reward", "ln π/π₀ + log Z, nats");
        Span heights = heights();
        option.withObject("yAxis").put("min", heights.niceLow()).put("max", heights.niceHigh());
        ObjectNode axis = option.withObject("xAxis");
        axis.put("min", rewards.padded().low()).put("max", rewards.padded().high());
        // The ends are no round numbers; the ticks between them are.
        axis.withObject("axisLabel").put("showMinLabel", false).put("showMaxLabel", false);
        ArrayNode series = Options.series(option);
        Map<String, List<Plots.Point>> bySource = new LinkedHashMap<>();
        points.forEach(point -> bySource.computeIfAbsent(point.source(), name -> new ArrayList<>())
                .add(point));
        boolean discrete =
                points.stream().mapToDouble(Plots.Point::reward).distinct().count() <= DISCRETE;
        bySource.forEach((source, some) -> series.add(scatter(source, some, discrete)));
        if (Options.finite(plots.fittedSlope())) {
            series.add(line("fitted", plots.fittedSlope(), "solid", "var(--ink)"));
            keys.add(new Chart.Key(
                    Chart.Sign.LINE, "var(--ink)", "fitted, λ = " + FigureFormat.of(plots.fittedSlope())));
        }
        if (plots.askedSlope() != null && Options.finite(plots.askedSlope())) {
            series.add(line("asked", plots.askedSlope(), "dashed", "var(--asked)"));
            keys.add(new Chart.Key(
                    Chart.Sign.DASHED, "var(--asked)", "asked, 1/β = " + FigureFormat.of(plots.askedSlope())));
        }
        return option;
    }

    /** What the points and the fitted line need; a much steeper line that was asked leaves the frame. */
    private Span heights() {
        Span span = Span.of(points.stream().mapToDouble(Plots.Point::logRatio)).with(0);
        if (Options.finite(plots.fittedSlope())) {
            span = span.with(plots.fittedSlope() * rewards.low()).with(plots.fittedSlope() * rewards.high());
        }
        return span.padded();
    }

    private ObjectNode scatter(String source, List<Plots.Point> some, boolean discrete) {
        Style style = Style.of(source);
        ObjectNode scatter = Options.parse("{\"type\": \"scatter\", \"symbolSize\": 6, \"z\": 3, \"data\": []}");
        scatter.put("name", source).put("symbol", style.symbol);
        scatter.withObject("itemStyle").put("color", style.colour).put("opacity", 0.5);
        if (discrete) {
            scatter.putArray("symbolOffset").add(style.shift).add(0);
        }
        ArrayNode data = scatter.withArray("data");
        for (Plots.Point point : some) {
            String text = PromptText.line(source) + ": reward " + FigureFormat.of(point.reward()) + ", log-ratio "
                    + FigureFormat.of(point.logRatio());
            ObjectNode drawn = data.addObject();
            // Seven digits are more than a screen has; the file is half as long.
            drawn.putArray("value").add((float) point.reward()).add((float) point.logRatio());
            drawn.put("text", text);
        }
        keys.add(new Chart.Key(style.sign, style.colour, PromptText.line(source) + " records"));
        return scatter;
    }

    private ObjectNode line(String name, double slope, String dash, String colour) {
        ObjectNode line = Options.parse("""
                {"type": "line", "showSymbol": false, "silent": true, "clip": true, "z": 5, "data": []}""");
        line.put("name", name);
        line.withObject("lineStyle").put("type", dash).put("width", 2).put("color", colour);
        Span ends = rewards.padded();
        line.withArray("data").add(Options.point("", ends.low(), slope * ends.low()));
        line.withArray("data").add(Options.point("", ends.high(), slope * ends.high()));
        return line;
    }

    private String caption() {
        int left = plots.points().size() - points.size();
        return "Each point is a record, its log-ratio shifted by its prompt's log Z: an exact conditional lies on the"
                + " fitted line. Of the line that was asked, compare the slope."
                + (left == 0 ? "" : " Records with an infinite log-ratio that are not drawn: " + left + ".");
    }

    private String spoken() {
        return points.size() + " records; fitted slope " + FigureFormat.of(plots.fittedSlope())
                + (plots.askedSlope() == null ? "" : ", asked slope " + FigureFormat.of(plots.askedSlope())) + ".";
    }

    /** How the records of a source are drawn. */
    private enum Style {
        PRIOR(Chart.Sign.CIRCLE, "circle", "var(--prior)", -5),
        POLICY(Chart.Sign.DIAMOND, "diamond", "var(--policy)", 5),
        OTHER(Chart.Sign.TRIANGLE, "triangle", "var(--other)", 0);

        private final Chart.Sign sign;
        private final String symbol;
        private final String colour;
        private final int shift;

        Style(Chart.Sign sign, String symbol, String colour, int shift) {
            this.sign = sign;
            this.symbol = symbol;
            this.colour = colour;
            this.shift = shift;
        }

        static Style of(String source) {
            return switch (source) {
                case "prior" -> PRIOR;
                case "policy" -> POLICY;
                default -> OTHER;
            };
        }
    }
}
