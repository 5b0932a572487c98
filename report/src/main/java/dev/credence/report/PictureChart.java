package dev.credence.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.List;

/** A picture's data as a drawing of the page. */
final class PictureChart {
    private static final int MANY_POINTS = 60;

    private static final int NARROW_LETTERS = 48; // side by side on a page of 390 pixels
    private static final double NARROW_PIXELS = 300; // such a drawing's width
    private static final int HEIGHT = 280;
    private static final List<Look> LOOKS = List.of(
            new Look(Chart.Sign.LINE, "solid", "circle", "var(--posterior)"),
            new Look(Chart.Sign.DASHED, "dashed", "diamond", "var(--policy)"),
            new Look(Chart.Sign.DOTTED, "dotted", "triangle", "var(--asked)"),
            new Look(Chart.Sign.DIAMOND, "solid", "diamond", "var(--other)"),
            new Look(Chart.Sign.TRIANGLE, "solid", "triangle", "var(--ink)"),
            new Look(Chart.Sign.CIRCLE, "dashed", "circle", "var(--prior)"),
            new Look(Chart.Sign.DASHED, "dashed", "diamond", "var(--posterior)"),
            new Look(Chart.Sign.LINE, "solid", "circle", "var(--policy)"),
            new Look(Chart.Sign.DASHED, "dashed", "circle", "var(--asked)"),
            new Look(Chart.Sign.DOTTED, "dotted", "triangle", "var(--other)"),
            new Look(Chart.Sign.DASHED, "dashed", "diamond", "var(--ink)"),
            new Look(Chart.Sign.LINE, "solid", "triangle", "var(--prior)"));

    private PictureChart() {}

    /** One whose numbers stand in tables too. */
    static Chart of(String anchor, Picture picture) {
        return of(anchor, picture, spoken(picture));
    }

    /** One whose numbers stand nowhere else: where each curve begins and ends is said. */
    static Chart alone(String anchor, Picture picture) {
        return of(anchor, picture, ends(picture));
    }

    private static Chart of(String anchor, Picture picture, String spoken) {
        ObjectNode option = picture.categories().isEmpty() ? plane(picture) : bars(picture);
        List<Chart.Key> keys = new ArrayList<>();
        for (int at = 0; at < picture.series().size(); at++) {
            Picture.Series series = picture.series().get(at);
            Look look = LOOKS.get(at % LOOKS.size());
            boolean isBar = !picture.categories().isEmpty();
            keys.add(new Chart.Key(isBar ? Chart.Sign.FILLED : sign(series, look), look.colour, series.name()));
            if (isBar) {
                Options.series(option).add(bar(picture, series, look));
            } else {
                if (!series.lower().isEmpty()) {
                    Options.series(option).add(band(picture, series, look));
                }
                Options.series(option).add(curve(picture, series, look));
            }
        }
        return new Chart(anchor, picture.title(), picture.caption(), spoken, HEIGHT, keys, option);
    }

    /** Points have their mark in the legend, lines their dash. */
    private static Chart.Sign sign(Picture.Series series, Look look) {
        if (series.mark() == Picture.Mark.LINE) {
            return look.sign;
        }
        return switch (look.symbol) {
            case "diamond" -> Chart.Sign.DIAMOND;
            case "triangle" -> Chart.Sign.TRIANGLE;
            default -> Chart.Sign.CIRCLE;
        };
    }

    private static String spoken(Picture picture) {
        String names = String.join(
                ", ", picture.series().stream().map(Picture.Series::name).toList());
        return picture.y().name() + " of " + names + "; every number is in the tables.";
    }

    private static String ends(Picture picture) {
        List<String> told = new ArrayList<>();
        for (Picture.Series series : picture.series()) {
            int last = series.y().size() - 1;
            told.add(
                    last < 0
                            ? series.name() + " has no point"
                            : series.name() + " from " + at(series, 0) + " to " + at(series, last));
        }
        return picture.y().name() + " against " + picture.x().name() + ": " + String.join("; ", told) + ".";
    }

    private static String at(Picture.Series series, int index) {
        return figure(series, index) + " at "
                + FigureFormat.of(series.x().get(index).doubleValue());
    }

    private static ObjectNode plane(Picture picture) {
        ObjectNode option = Options.plane(picture.x().name(), picture.y().name());
        scale(option.withObject("xAxis"), picture.x());
        option.withObject("xAxis").withObject("axisLabel").put("alignMaxLabel", "right"); // else cut at the page's edge
        scale(option.withObject("yAxis"), picture.y());
        if (picture.y().scale() == Picture.Scale.LOGARITHMIC) {
            option.withObject("grid").put("left", 12); // its longest number is wider than is made room for
        }
        return option;
    }

    private static void scale(ObjectNode axis, Picture.Axis of) {
        if (of.scale() == Picture.Scale.LOGARITHMIC) {
            axis.put("type", "log").put("scale", false);
        }
    }

    private static ObjectNode bars(Picture picture) {
        ObjectNode option = Options.plane(picture.x().name(), picture.y().name());
        ObjectNode categories = option.withObject("xAxis");
        categories.put("type", "category");
        categories.withObject("axisLabel").put("interval", 0).put("hideOverlap", false);
        if (picture.categories().stream().mapToInt(String::length).max().orElse(0)
                        * picture.categories().size()
                > NARROW_LETTERS) {
            categories.withObject("axisLabel").put("rotate", 30);
            int count = picture.categories().size();
            double past = 4; // pixels that a name reaches past the axis, on a narrow page
            for (int i = 0; i < count; i++) {
                past = Math.max(past, picture.categories().get(i).length() * 5.5 - 45 - i * NARROW_PIXELS / count);
            }
            option.withObject("grid").put("left", (int) past);
        }
        ArrayNode names = categories.putArray("data");
        picture.categories().forEach(names::add);
        option.withObject("yAxis").put("scale", false);
        scale(option.withObject("yAxis"), picture.y());
        return option;
    }

    private static ObjectNode bar(Picture picture, Picture.Series series, Look look) {
        ObjectNode bar = Options.parse("""
                {"type": "bar", "barMaxWidth": 26, "emphasis": {"disabled": true}, "data": []}""");
        bar.put("name", series.name());
        if (series.mark() == Picture.Mark.STACKED) {
            bar.put("stack", "parts");
        }
        bar.withObject("itemStyle").put("color", look.colour);
        for (int i = 0; i < series.y().size(); i++) {
            String text = picture.categories().get(i) + ", " + series.name() + ": " + figure(series, i);
            bar.withArray("data").add(Options.point(text, i, series.y().get(i)));
        }
        return bar;
    }

    private static ObjectNode curve(Picture picture, Picture.Series series, Look look) {
        ObjectNode curve = Options.parse("""
                {"symbolSize": 7, "z": 5, "emphasis": {"disabled": true}, "data": []}""");
        curve.put("type", series.mark() == Picture.Mark.LINE ? "line" : "scatter");
        if (series.y().size() > MANY_POINTS) {
            curve.put("symbolSize", 3); // else they are one thick line
        }
        curve.put("name", series.name()).put("symbol", look.symbol);
        curve.withObject("lineStyle").put("type", look.dash).put("width", 2).put("color", look.colour);
        curve.withObject("itemStyle").put("color", look.colour);
        for (int i = 0; i < series.y().size(); i++) {
            String text = series.name() + " at "
                    + FigureFormat.of(series.x().get(i).doubleValue()) + ": " + figure(series, i);
            curve.withArray("data")
                    .add(Options.point(
                            text,
                            drawable(picture.x(), series.x().get(i)),
                            drawable(picture.y(), series.y().get(i))));
        }
        return curve;
    }

    private static String figure(Picture.Series series, int i) {
        String value = FigureFormat.of(series.y().get(i).doubleValue());
        return series.lower().isEmpty()
                ? value
                : value + " [" + FigureFormat.of(series.lower().get(i).doubleValue()) + ", "
                        + FigureFormat.of(series.upper().get(i).doubleValue()) + "]";
    }

    private static double drawable(Picture.Axis axis, double value) {
        return axis.scale() == Picture.Scale.LOGARITHMIC && !(value > 0) ? Double.NaN : value;
    }

    /** The interval as one trapezium between each two points. */
    private static ObjectNode band(Picture picture, Picture.Series series, Look look) {
        ObjectNode band = Options.parse("""
                {"type": "custom", "shape": "band", "silent": true, "z": 1,
                 "encode": {"x": [0, 3], "y": [1, 2, 4, 5]}, "data": []}""");
        band.withObject("itemStyle").put("color", look.colour);
        for (int i = 1; i < series.y().size(); i++) {
            double[] ends = {
                drawable(picture.x(), series.x().get(i - 1)),
                drawable(picture.y(), series.lower().get(i - 1)),
                series.upper().get(i - 1),
                drawable(picture.x(), series.x().get(i)),
                drawable(picture.y(), series.lower().get(i)),
                series.upper().get(i)
            };
            if (Options.finite(ends)) {
                band.withArray("data").add(Options.point("", ends));
            }
        }
        return band;
    }

    /** How one series is told from the others, without colour too. */
    private record Look(Chart.Sign sign, String dash, String symbol, String colour) {}
}
