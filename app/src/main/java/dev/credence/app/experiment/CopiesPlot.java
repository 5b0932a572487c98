package dev.credence.app.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Copies and Bayes fraction against steps and against KL, as one SVG of four panels. */
public final class CopiesPlot {
    private static final int WIDTH = 430;
    private static final int HEIGHT = 300;
    private static final int MARGIN = 56;
    private static final String[] COLOURS = {"#1f6f8b", "#b5482f", "#5b8c3a", "#8a5aa8", "#c0912b", "#555555"};

    private CopiesPlot() {}

    /**
     * Draws the paths of one reading at one coefficient.
     *
     * @param points of all paths
     * @param reading which
     * @param beta which
     * @return the SVG
     */
    public static String of(List<PathPoint> points, String reading, double beta) {
        Map<String, List<PathPoint>> byMethod = new LinkedHashMap<>();
        for (PathPoint point : points) {
            if (point.reading().equals(reading) && point.beta() == beta && Double.isFinite(point.copies())) {
                byMethod.computeIfAbsent(point.method(), key -> new ArrayList<>())
                        .add(point);
            }
        }
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                2 * WIDTH,
                2 * HEIGHT + 40));
        ToDoubleFunction<PathPoint> step = point -> Math.log10((double) point.step());
        ToDoubleFunction<PathPoint> kl = PathPoint::kl;
        ToDoubleFunction<PathPoint> copies = PathPoint::copies;
        ToDoubleFunction<PathPoint> fraction = PathPoint::bayesFraction;
        panel(svg, byMethod, new Panel("copies", "log10 of steps, rounds or draws", step, copies), 0, 0);
        panel(svg, byMethod, new Panel("copies", "KL from the prior, nats", kl, copies), WIDTH, 0);
        panel(svg, byMethod, new Panel("Bayes fraction", "log10 of steps, rounds or draws", step, fraction), 0, HEIGHT);
        panel(svg, byMethod, new Panel("Bayes fraction", "KL from the prior, nats", kl, fraction), WIDTH, HEIGHT);
        int at = 0;
        for (String method : byMethod.keySet()) {
            int x = 20 + 140 * at;
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                    x,
                    2 * HEIGHT + 14,
                    COLOURS[at++ % COLOURS.length],
                    x + 18,
                    2 * HEIGHT + 24,
                    method));
        }
        return svg.append("</svg>\n").toString();
    }

    /** One panel's axes. */
    private record Panel(
            String vertical, String horizontal, ToDoubleFunction<PathPoint> x, ToDoubleFunction<PathPoint> y) {}

    private static void panel(
            StringBuilder svg, Map<String, List<PathPoint>> byMethod, Panel panel, int left, int top) {
        double[] xs = range(byMethod, panel.x());
        double[] ys = range(byMethod, panel.y());
        svg.append(String.format(
                Locale.ROOT,
                "<g transform=\"translate(%d,%d)\"><path d=\"M%d 10V%dH%d\" fill=\"none\" stroke=\"#888\"/>"
                        + "<text x=\"%d\" y=\"%d\">%s</text><text x=\"4\" y=\"10\">%s</text>%n",
                left,
                top,
                MARGIN,
                HEIGHT - MARGIN,
                WIDTH - 10,
                MARGIN,
                HEIGHT - MARGIN + 34,
                panel.horizontal(),
                panel.vertical()));
        for (int tick = 0; tick <= 2; tick++) {
            double share = tick / 2.0;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" fill=\"#666\">%.3g</text><text x=\"4\" y=\"%.1f\" fill=\"#666\">%.3g</text>%n",
                    place(share, MARGIN, WIDTH - 30),
                    HEIGHT - MARGIN + 16,
                    xs[0] + share * (xs[1] - xs[0]),
                    place(share, HEIGHT - MARGIN, 24),
                    ys[0] + share * (ys[1] - ys[0])));
        }
        int colour = 0;
        for (List<PathPoint> path : byMethod.values()) {
            StringBuilder line = new StringBuilder();
            for (PathPoint point : path) {
                double x = place(share(panel.x().applyAsDouble(point), xs), MARGIN, WIDTH - 30);
                double y = place(share(panel.y().applyAsDouble(point), ys), HEIGHT - MARGIN, 24);
                if (Double.isFinite(x) && Double.isFinite(y)) {
                    line.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
                }
            }
            svg.append(String.format(
                    Locale.ROOT,
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                    line,
                    COLOURS[colour++ % COLOURS.length]));
        }
        svg.append("</g>\n");
    }

    private static double place(double share, double from, double to) {
        return from + share * (to - from);
    }

    private static double share(double value, double[] range) {
        return range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0.5;
    }

    private static double[] range(Map<String, List<PathPoint>> byMethod, ToDoubleFunction<PathPoint> axis) {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        byMethod.values()
                .forEach(path -> path.forEach(point -> {
                    double value = axis.applyAsDouble(point);
                    if (Double.isFinite(value)) {
                        range[0] = Math.min(range[0], value);
                        range[1] = Math.max(range[1], value);
                    }
                }));
        return range;
    }
}
