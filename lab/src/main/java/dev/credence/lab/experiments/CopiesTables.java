package dev.credence.lab.experiments;

import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Fifty copies as tables, as pictures and as fields for programs. */
final class CopiesTables {
    private static final double FIRST = 0.02; // its drawings are shown, where it ran

    private CopiesTables() {}

    static void add(FiftyCopies.Outcome outcome, ExperimentResult.Builder result) {
        Map<String, List<PathPoint>> byPlace = new LinkedHashMap<>();
        for (PathPoint end : CopiesConclusion.ends(outcome.points())) {
            byPlace.computeIfAbsent(end.place() + " " + end.reading(), key -> new ArrayList<>())
                    .add(end);
        }
        byPlace.forEach((place, ends) -> result.table("copies " + place, ends(ends)));
        result.table("data", observed(outcome.observed()));
        result.table("paths", paths(outcome.points()));
        pictures(outcome.points(), result);
    }

    /** Where each path ends: copies, one column a coefficient. */
    private static DataTable ends(List<PathPoint> ends) {
        TreeSet<Double> nominal =
                new TreeSet<>(ends.stream().map(PathPoint::nominal).toList());
        List<String> columns = new ArrayList<>(List.of("copies reached, of nominal"));
        nominal.forEach(copies -> columns.add(FigureFormat.of(copies.doubleValue())));
        Map<String, Map<Double, PathPoint>> methods = new LinkedHashMap<>();
        ends.forEach(end -> methods.computeIfAbsent(end.method(), key -> new LinkedHashMap<>())
                .put(end.nominal(), end));
        List<List<@Nullable Object>> rows = new ArrayList<>();
        methods.forEach((method, byNominal) -> {
            rows.add(row(method, nominal, byNominal, PathPoint::copies));
            if (byNominal.values().stream().anyMatch(end -> end.lower() < end.upper())) {
                rows.add(row("  interval, ±", nominal, byNominal, end -> (end.upper() - end.lower()) / 2));
            }
            rows.add(row("  Bayes fraction", nominal, byNominal, PathPoint::bayesFraction));
            rows.add(row("  KL, nats", nominal, byNominal, PathPoint::kl));
        });
        PathPoint any = ends.get(0);
        String words =
                RewardReading.valueOf(any.reading().toUpperCase(Locale.ROOT)).words();
        return new DataTable(any.place() + ", reading " + any.reading() + ": " + words, columns, rows);
    }

    private static List<@Nullable Object> row(
            String name, Set<Double> nominal, Map<Double, PathPoint> ends, ToDoubleFunction<PathPoint> cell) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(name);
        for (Double copies : nominal) {
            PathPoint end = ends.get(copies);
            row.add(end == null ? null : (Object) cell.applyAsDouble(end));
        }
        return row;
    }

    private static DataTable observed(List<DataCopies> readings) {
        DataTable.Builder table = DataTable.of(
                "Copies of each example as observed data, off an unrewarded probe; of one training each. Left over is the KL"
                        + " to the nearest reader, of that to a reader of no copy; no copies are told where more than half is left",
                "place",
                "policy",
                "nominal",
                "copies",
                "from",
                "to",
                "left over, nats",
                "of");
        for (DataCopies reading : readings) {
            table.row(
                    reading.place(),
                    reading.method(),
                    reading.nominal(),
                    told(reading, reading.copies()),
                    told(reading, reading.lower()),
                    told(reading, reading.upper()),
                    reading.residual(),
                    reading.unread());
        }
        return table.build();
    }

    private static @Nullable Double told(DataCopies reading, double copies) {
        return reading.reason() == null ? copies : null;
    }

    private static DataTable paths(List<PathPoint> points) {
        DataTable.Builder table = DataTable.of(
                "Every point of every path",
                "place",
                "reading",
                "beta",
                "method",
                "step",
                "copies",
                "from",
                "to",
                "Bayes fraction",
                "KL, nats");
        for (PathPoint point : points) {
            table.row(
                    point.place(),
                    point.reading(),
                    point.beta(),
                    point.method(),
                    point.step(),
                    point.copies(),
                    point.lower(),
                    point.upper(),
                    point.bayesFraction(),
                    point.kl());
        }
        return table.build();
    }

    /** Paths at fifty copies, or what is nearest to them, of each place and reading. */
    private static void pictures(List<PathPoint> points, ExperimentResult.Builder result) {
        double beta = points.stream()
                .map(PathPoint::beta)
                .min((a, b) -> Double.compare(away(a), away(b)))
                .orElse(FIRST);
        Map<String, List<PathPoint>> sets = new LinkedHashMap<>();
        points.stream()
                .filter(point -> point.beta() == beta)
                .forEach(point -> sets.computeIfAbsent(
                                point.place() + ", β = " + FigureFormat.of(beta) + ", reading " + point.reading(),
                                key -> new ArrayList<>())
                        .add(point));
        int number = 0;
        for (Map.Entry<String, List<PathPoint>> set : sets.entrySet()) {
            String id = "paths" + number++;
            Picture.Axis steps = Picture.Axis.logarithmic("steps, rounds or draws (logarithmic)");
            Picture.Axis kl = Picture.Axis.linear("KL(policy‖prior), nats");
            Picture.Axis copies = Picture.Axis.logarithmic("copies (logarithmic)");
            Picture.Axis fraction = Picture.Axis.linear("share of the KL, 0 to 1");
            String asked =
                    "Bands are 95 % intervals over seeds; asked for were " + FigureFormat.of(1 / beta) + " copies.";
            result.picture(Picture.of(
                    id + "-copies-step",
                    set.getKey() + ": copies against steps",
                    asked,
                    steps,
                    copies,
                    lines(set.getValue(), point -> point.step(), PathPoint::copies)));
            result.picture(Picture.of(
                    id + "-fraction-kl",
                    set.getKey() + ": Bayes fraction against KL",
                    "The share of the KL from the prior that the nearest posterior of the reward explains.",
                    kl,
                    fraction,
                    lines(set.getValue(), PathPoint::kl, PathPoint::bayesFraction)));
        }
    }

    private static double away(double beta) {
        return beta > 0 ? Math.abs(Math.log(beta / FIRST)) : Double.POSITIVE_INFINITY;
    }

    private static List<Picture.Series> lines(
            List<PathPoint> points, ToDoubleFunction<PathPoint> x, ToDoubleFunction<PathPoint> y) {
        Map<String, List<PathPoint>> methods = new LinkedHashMap<>();
        points.forEach(point -> methods.computeIfAbsent(point.method(), key -> new ArrayList<>())
                .add(point));
        List<Picture.Series> lines = new ArrayList<>();
        methods.forEach((method, path) -> {
            Picture.Series line = Picture.Series.line(
                    method,
                    path.stream().mapToDouble(x).toArray(),
                    path.stream().mapToDouble(y).toArray());
            boolean ofCopies = path.stream().allMatch(point -> y.applyAsDouble(point) == point.copies());
            lines.add(
                    ofCopies
                            ? line.within(
                                    path.stream().mapToDouble(PathPoint::lower).toArray(),
                                    path.stream().mapToDouble(PathPoint::upper).toArray())
                            : line);
        });
        return lines;
    }

    static Map<String, @Nullable Object> json(PathPoint point) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("place", point.place());
        fields.put("reading", point.reading());
        fields.put("beta", point.beta());
        fields.put("method", point.method());
        fields.put("step", point.step());
        fields.put("nominal", point.nominal());
        fields.put("copies", point.copies());
        fields.put("lower", point.lower());
        fields.put("upper", point.upper());
        fields.put("bayesFraction", point.bayesFraction());
        fields.put("kl", point.kl());
        return fields;
    }

    static Map<String, @Nullable Object> json(DataCopies reading) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("place", reading.place());
        fields.put("method", reading.method());
        fields.put("beta", reading.beta());
        fields.put("nominal", reading.nominal());
        fields.put("copies", reading.copies());
        fields.put("lower", reading.lower());
        fields.put("upper", reading.upper());
        fields.put("grade", reading.draws() == 0 ? "exact" : "estimated");
        fields.put("draws", reading.draws());
        fields.put("residual", reading.residual());
        fields.put("unread", reading.unread());
        fields.put("withdrawn", reading.reason());
        return fields;
    }
}
