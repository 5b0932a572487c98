package dev.credence.report;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a picture as an SVG document of its own, for a paper or a page without scripts. Series differ in colour, dash and mark, so
 * that they can be told apart in grey too.
 */
public final class PictureSvg {
    private static final double WIDTH = 720;
    private static final double LEFT = 74;
    private static final double RIGHT = 18;
    private static final double PLOT = 300; // height of the plane
    private static final double KEY = 20; // height of a line of the legend
    private static final double CHARACTER = 6.9; // width of one at 13 px, about
    private static final int TICKS = 6;
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#00805f", "#8a4f8a", "#1c2024", "#7d8892", "#b8860b", "#56b4e9");
    private static final List<String> DASHES = List.of("", "7 4", "2 4", "", "9 3 2 3", "5 3");

    private final Picture picture;
    private final StringBuilder svg = new StringBuilder();
    private final boolean isBars;
    private final Scale x;
    private final Scale y;
    private final double top;

    private PictureSvg(Picture picture) {
        this.picture = picture;
        this.isBars = !picture.categories().isEmpty();
        this.top = 44 + KEY * legendLines() + 16;
        List<Double> across = new ArrayList<>();
        List<Double> up = new ArrayList<>();
        for (Picture.Series series : picture.series()) {
            across.addAll(series.x());
            up.addAll(series.y());
            up.addAll(series.lower());
            up.addAll(series.upper());
        }
        if (isBars) {
            up.add(0.0);
            up.addAll(stackEnds());
        }
        this.x = isBars
                ? new Scale(-0.5, picture.categories().size() - 0.5, false, LEFT, WIDTH - RIGHT)
                : Scale.of(across, picture.x(), LEFT, WIDTH - RIGHT);
        this.y = Scale.of(up, picture.y(), top + PLOT, top);
    }

    /**
     * Draws it.
     *
     * @param picture what is drawn
     * @return an SVG document
     */
    public static String of(Picture picture) {
        return new PictureSvg(picture).draw();
    }

    /** Numbers to places on the paper; what cannot be drawn has none. */
    private record Scale(double low, double high, boolean logarithmic, double from, double to) {
        static Scale of(List<Double> values, Picture.Axis axis, double from, double to) {
            boolean log = axis.scale() == Picture.Scale.LOGARITHMIC;
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double value : values) {
                if (Double.isFinite(value) && (!log || value > 0)) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
            }
            if (low > high) {
                return new Scale(log ? 1 : 0, log ? 10 : 1, log, from, to);
            }
            if (low == high) {
                double room = low == 0 ? 1 : Math.abs(low) / 2;
                return new Scale(log ? low / 2 : low - room, log ? high * 2 : high + room, log, from, to);
            }
            if (log) {
                return new Scale(low, high, true, from, to);
            }
            double step = step(low, high);
            return new Scale(Math.floor(low / step) * step, Math.ceil(high / step) * step, false, from, to);
        }

        static double step(double low, double high) {
            double raw = (high - low) / TICKS;
            double power = Math.pow(10, Math.floor(Math.log10(raw)));
            double lead = raw / power;
            return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
        }

        double at(double value) {
            if (!Double.isFinite(value) || (logarithmic && !(value > 0))) {
                return Double.NaN;
            }
            double share = logarithmic
                    ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
                    : (value - low) / (high - low);
            return from + share * (to - from);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (logarithmic) {
                int first = (int) Math.ceil(Math.log10(low) - 1e-9);
                int last = (int) Math.floor(Math.log10(high) + 1e-9);
                int every = Math.max(1, (last - first) / TICKS);
                for (int power = first; power <= last; power += every) {
                    ticks.add(Math.pow(10, power));
                }
                if (ticks.size() < 2) {
                    ticks = new ArrayList<>(List.of(low, Math.sqrt(low * high), high));
                }
                return ticks;
            }
            double step = step(low, high);
            for (long i = Math.round(low / step); i <= Math.round(high / step); i++) {
                ticks.add(
                        BigDecimal.valueOf(i * step).round(new MathContext(12)).doubleValue());
            }
            return ticks;
        }
    }

    private List<Double> stackEnds() {
        List<Double> ends = new ArrayList<>();
        for (int category = 0; category < picture.categories().size(); category++) {
            double[] sums = {0, 0};
            for (Picture.Series series : picture.series()) {
                double value = series.y().get(category);
                if (isStacked(series) && Double.isFinite(value)) {
                    sums[value < 0 ? 1 : 0] += value;
                }
            }
            ends.add(sums[0]);
            ends.add(sums[1]);
        }
        return ends;
    }

    private static boolean isStacked(Picture.Series series) {
        return series.mark() == Picture.Mark.STACKED;
    }

    private String draw() {
        double height = top + PLOT + (isBars ? 40 : 52);
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\""
                        + " font-family=\"sans-serif\" font-size=\"13\" fill=\"#1c2024\">",
                WIDTH, height, WIDTH, height);
        svg.append("<title>").append(escaped(picture.title())).append("</title>\n");
        add("<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>");
        text(LEFT, 24, "start", 15, true, picture.title());
        legend();
        axes();
        if (isBars) {
            bars();
        } else {
            for (int at = 0; at < picture.series().size(); at++) {
                curve(at, picture.series().get(at));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private int legendLines() {
        int lines = 1;
        double at = 0;
        for (Picture.Series series : picture.series()) {
            double width = 40 + CHARACTER * series.name().length();
            if (at > 0 && at + width > WIDTH - LEFT - RIGHT) {
                lines++;
                at = 0;
            }
            at += width;
        }
        return lines;
    }

    private void legend() {
        double at = 0;
        double line = 44;
        for (int i = 0; i < picture.series().size(); i++) {
            String name = picture.series().get(i).name();
            double width = 40 + CHARACTER * name.length();
            if (at > 0 && at + width > WIDTH - LEFT - RIGHT) {
                line += KEY;
                at = 0;
            }
            double from = LEFT + at;
            if (isBars) {
                add("<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"10\" fill=\"%s\"/>", from, line - 9, colour(i));
            } else {
                if (picture.series().get(i).mark() == Picture.Mark.LINE) {
                    stroke(i, String.format(Locale.ROOT, "M%.1f %.1fH%.1f", from, line - 4, from + 22));
                }
                mark(i, from + 11, line - 4);
            }
            text(from + 28, line, "start", 13, false, name);
            at += width;
        }
    }

    private void axes() {
        text(LEFT, top - 8, "start", 12, false, picture.y().name());
        for (double tick : y.ticks()) {
            double place = y.at(tick);
            add("<path d=\"M%.1f %.1fH%.1f\" stroke=\"#e3e5e8\"/>", LEFT, place, WIDTH - RIGHT);
            text(LEFT - 8, place + 4, "end", 12, false, FigureFormat.of(tick));
        }
        double floor = top + PLOT;
        add("<path d=\"M%.1f %.1fH%.1f\" stroke=\"#1c2024\"/>", LEFT, floor, WIDTH - RIGHT);
        if (isBars) {
            double room = (WIDTH - LEFT - RIGHT) / picture.categories().size();
            for (int i = 0; i < picture.categories().size(); i++) {
                int fits = (int) Math.max(3, room / CHARACTER);
                String name = picture.categories().get(i);
                text(
                        x.at(i),
                        floor + 18,
                        "middle",
                        12,
                        false,
                        name.length() <= fits ? name : name.substring(0, fits - 1) + "…");
            }
            return;
        }
        for (double tick : x.ticks()) {
            add("<path d=\"M%.1f %.1fv5\" stroke=\"#1c2024\"/>", x.at(tick), floor);
            text(x.at(tick), floor + 18, "middle", 12, false, FigureFormat.of(tick));
        }
        text(
                (LEFT + WIDTH - RIGHT) / 2,
                floor + 38,
                "middle",
                12,
                false,
                picture.x().name());
    }

    private void curve(int at, Picture.Series series) {
        if (!series.lower().isEmpty()) {
            for (int i = 0; i < series.x().size(); i++) {
                double place = x.at(series.x().get(i));
                double low = y.at(series.lower().get(i));
                double high = y.at(series.upper().get(i));
                if (Double.isFinite(place + low + high)) {
                    add(
                            "<path d=\"M%.1f %.1fV%.1fm-4 0h8M%.1f %.1fh8\" stroke=\"%s\" opacity=\".6\" fill=\"none\"/>",
                            place, low, high, place - 4, low, colour(at));
                }
            }
        }
        StringBuilder path = new StringBuilder();
        boolean joined = false;
        for (int i = 0; i < series.x().size(); i++) {
            double across = x.at(series.x().get(i));
            double up = y.at(series.y().get(i));
            boolean drawn = Double.isFinite(across + up);
            if (drawn) {
                path.append(String.format(Locale.ROOT, "%s%.1f %.1f", joined ? "L" : "M", across, up));
            }
            joined = drawn;
        }
        if (series.mark() == Picture.Mark.LINE) {
            stroke(at, path.toString());
        }
        for (int i = 0; i < series.x().size() && series.x().size() <= 60; i++) {
            mark(at, x.at(series.x().get(i)), y.at(series.y().get(i)));
        }
    }

    private void bars() {
        List<Picture.Series> all = picture.series();
        long side = all.stream().filter(series -> !isStacked(series)).count();
        boolean stacks = side < all.size();
        double room = (WIDTH - LEFT - RIGHT) / picture.categories().size() * .8;
        double each = room / (side + (stacks ? 1 : 0));
        double zero = y.at(y.logarithmic ? y.low : 0);
        for (int category = 0; category < picture.categories().size(); category++) {
            double[] ends = {0, 0};
            double left = x.at(category) - room / 2 + (stacks ? each : 0);
            for (int at = 0; at < all.size(); at++) {
                Picture.Series series = all.get(at);
                double value = series.y().get(category);
                if (!Double.isFinite(value)) {
                    left += isStacked(series) ? 0 : each;
                    continue;
                }
                if (isStacked(series)) {
                    int sign = value < 0 ? 1 : 0;
                    bar(x.at(category) - room / 2, each, y.at(ends[sign]), y.at(ends[sign] + value), at);
                    ends[sign] += value;
                    continue;
                }
                bar(left, each, zero, y.at(value), at);
                if (!series.lower().isEmpty()) {
                    add(
                            "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#1c2024\"/>",
                            left + each / 2,
                            y.at(series.lower().get(category)),
                            y.at(series.upper().get(category)));
                }
                left += each;
            }
        }
    }

    private void bar(double left, double width, double from, double to, int at) {
        if (Double.isFinite(from + to)) {
            add(
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
                    left + 1, Math.min(from, to), Math.max(1, width - 2), Math.abs(from - to), colour(at));
        }
    }

    private void stroke(int at, String path) {
        if (!path.isEmpty()) {
            String dash = DASHES.get(at % DASHES.size());
            add(
                    "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
                    path, colour(at), dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\"");
        }
    }

    private void mark(int at, double across, double up) {
        if (!Double.isFinite(across + up)) {
            return;
        }
        String shape = switch (at % 4) {
            case 0 -> "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0";
            case 1 -> "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z";
            case 2 -> "m0 -4.5l4.5 8h-9z";
            default -> "m-3.5 -3.5h7v7h-7z";
        };
        add("<path d=\"M%.1f %.1f%s\" fill=\"%s\"/>", across, up, shape, colour(at));
    }

    private static String colour(int at) {
        return COLOURS.get(at % COLOURS.size());
    }

    private void text(double across, double up, String anchor, int size, boolean bold, String words) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\"%s>",
                across, up, anchor, size, bold ? " font-weight=\"600\"" : "");
        svg.setLength(svg.length() - 1);
        svg.append(escaped(words)).append("</text>\n");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        Escape.text(text, out);
        return out.toString();
    }
}
