package dev.credence.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.figures.FigureFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Writes a report of training paths: copies and Bayes fraction against steps and against KL. */
public final class PathReport {
    private static final int HEIGHT = 260;
    private static final List<Look> LOOKS = List.of(
            new Look(Chart.Sign.LINE, "solid", "circle", "var(--posterior)"),
            new Look(Chart.Sign.DASHED, "dashed", "diamond", "var(--policy)"),
            new Look(Chart.Sign.DOTTED, "dotted", "triangle", "var(--asked)"),
            new Look(Chart.Sign.DIAMOND, "solid", "diamond", "var(--other)"),
            new Look(Chart.Sign.TRIANGLE, "solid", "triangle", "var(--ink)"),
            new Look(Chart.Sign.CIRCLE, "dashed", "circle", "var(--prior)"));

    private PathReport() {}

    /**
     * Writes the report, one HTML file that needs nothing beside it.
     *
     * @param document title, provenance and JSON of the page; it has no audits
     * @param conclusion paragraphs at the head of the page
     * @param figures sets of drawings, one at least; the first is unfolded
     * @param out where to; not closed
     * @throws IOException when writing fails
     */
    public static void write(ReportDocument document, List<String> conclusion, List<PathFigure> figures, Appendable out)
            throws IOException {
        Html html = new Html();
        html.trusted("<!DOCTYPE html>").open("html", "lang", "en");
        Page.head(html, document.title());
        html.open("body").element("a", "Skip to the report", "class", "skip", "href", "#report");
        Page.header(html, document);
        html.open("main", "id", "report");
        conclusion.forEach(paragraph -> html.element("p", paragraph));
        for (int index = 0; index < figures.size(); index++) {
            figure(html, figures.get(index), index);
        }
        ProvenanceSection.write(html, document);
        html.close();
        Page.scripts(html, document.json());
        html.close().close();
        out.append(html.finished());
    }

    private static void figure(Html html, PathFigure figure, int index) {
        html.open("article", "class", "audit");
        if (index == 0) {
            html.open("details", "open", "open");
        } else {
            html.open("details");
        }
        html.element("summary", figure.title()).element("p", figure.note());
        String anchor = "path" + index + "-";
        String steps = "steps, rounds or draws (logarithmic)";
        String kl = "KL(policy‖prior), nats";
        for (Axes axes : List.of(
                new Axes("copies-step", "Copies against steps", steps, "copies (logarithmic)", true),
                new Axes("copies-kl", "Copies against KL", kl, "copies (logarithmic)", true),
                new Axes("fraction-step", "Bayes fraction against steps", steps, "share of the KL, 0 to 1", false),
                new Axes("fraction-kl", "Bayes fraction against KL", kl, "share of the KL, 0 to 1", false))) {
            chart(anchor, figure, axes).write(html);
        }
        table(html, figure);
        html.close().close();
    }

    private static Chart chart(String anchor, PathFigure figure, Axes axes) {
        ObjectNode option = Options.plane(axes.horizontal, axes.vertical);
        ToDoubleFunction<PathFigure.Point> x =
                axes.anchor.endsWith("step") ? point -> (double) point.step() : PathFigure.Point::kl;
        if (axes.anchor.endsWith("step")) {
            option.withObject("xAxis").put("type", "log").put("scale", false);
        }
        option.withObject("yAxis").put("scale", false);
        if (axes.ofCopies) {
            option.withObject("yAxis").put("type", "log");
        } else {
            option.withObject("yAxis").put("min", 0).put("max", 1);
        }
        List<Chart.Key> keys = new ArrayList<>();
        for (int at = 0; at < figure.lines().size(); at++) {
            PathFigure.Line line = figure.lines().get(at);
            Look look = LOOKS.get(at % LOOKS.size());
            keys.add(new Chart.Key(look.sign, look.colour, line.name()));
            if (axes.ofCopies) {
                Options.series(option).add(band(line, look, x));
            }
            Options.series(option).add(drawn(line, look, x, axes));
        }
        return new Chart(
                anchor + axes.anchor,
                axes.title,
                axes.ofCopies
                        ? "Bands are 95 % intervals over seeds, drawn where they are above 0" + asked(figure) + "."
                        : "The share of the KL from the prior that the nearest posterior of the reward explains.",
                figure.lines().size() + " methods; the ends of their paths are in the table below.",
                HEIGHT,
                keys,
                option);
    }

    private static String asked(PathFigure figure) {
        return Double.isFinite(figure.nominal())
                ? "; asked for were " + FigureFormat.of(figure.nominal()) + " copies"
                : "";
    }

    private static ObjectNode drawn(PathFigure.Line line, Look look, ToDoubleFunction<PathFigure.Point> x, Axes axes) {
        ObjectNode series = Options.parse("""
                {"type": "line", "symbolSize": 6, "z": 5, "emphasis": {"disabled": true}, "data": []}""");
        series.put("name", line.name()).put("symbol", look.symbol);
        series.withObject("lineStyle").put("type", look.dash).put("width", 2).put("color", look.colour);
        series.withObject("itemStyle").put("color", look.colour);
        for (PathFigure.Point point : line.points()) {
            double copies = point.copies() > 0 ? point.copies() : Double.NaN;
            double y = axes.ofCopies ? copies : point.fraction();
            String text = line.name() + ", step " + point.step() + ": " + FigureFormat.of(point.copies())
                    + " copies, Bayes fraction " + FigureFormat.of(point.fraction()) + ", KL "
                    + FigureFormat.of(point.kl()) + " nats";
            series.withArray("data").add(Options.point(text, x.applyAsDouble(point), y));
        }
        return series;
    }

    /** The interval as one trapezium between each two points. */
    private static ObjectNode band(PathFigure.Line line, Look look, ToDoubleFunction<PathFigure.Point> x) {
        ObjectNode band = Options.parse("""
                {"type": "custom", "shape": "band", "silent": true, "z": 1,
                 "encode": {"x": [0, 3], "y": [1, 2, 4, 5]}, "data": []}""");
        band.withObject("itemStyle").put("color", look.colour);
        for (int at = 1; at < line.points().size(); at++) {
            PathFigure.Point left = line.points().get(at - 1);
            PathFigure.Point right = line.points().get(at);
            double[] ends = {
                x.applyAsDouble(left), left.lower(), left.upper(), x.applyAsDouble(right), right.lower(), right.upper()
            };
            if (Options.finite(ends) && left.lower() > 0 && right.lower() > 0) {
                band.withArray("data").add(Options.point("", ends));
            }
        }
        return band;
    }

    private static void table(Html html, PathFigure figure) {
        Tables.open(
                html,
                "Where each path ends.",
                "paths",
                Column.text("Method"),
                Column.number("Steps"),
                Column.number("Copies"),
                Column.number("from"),
                Column.number("to"),
                Column.number("Bayes fraction"),
                Column.number("KL, nats"));
        for (PathFigure.Line line : figure.lines()) {
            if (!line.points().isEmpty()) {
                PathFigure.Point end = line.points().get(line.points().size() - 1);
                html.open("tr").element("td", line.name());
                for (double value :
                        new double[] {end.step(), end.copies(), end.lower(), end.upper(), end.fraction(), end.kl()}) {
                    html.element("td", FigureFormat.of(value), "class", "num", "data-sort", Double.toString(value));
                }
                html.close();
            }
        }
        Tables.close(html);
    }

    /** One drawing's axes. */
    private record Axes(String anchor, String title, String horizontal, String vertical, boolean ofCopies) {}

    /** How one method is told from the others, without colour too. */
    private record Look(Chart.Sign sign, String dash, String symbol, String colour) {}
}
