package dev.credence.report;

import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Several training runs side by side: what each was asked, what it measured last, and its figures against step. */
final class RunComparison {
    private static final String REWARD = "reward";
    private static final String KL = "kl";
    /** Settings that tell runs apart, where any run has them. */
    private static final Map<String, String> ASKED = asked();

    private static final List<Measure> OF_METHODS = List.of(
            new Measure(REWARD, "reward, mean", "Reward against step", "reward"),
            new Measure(KL, "KL from prior", "KL from the prior against step", "nats a text"),
            new Measure("entropy", "entropy", "Entropy against step", "nats a text"),
            new Measure(
                    "copies_policy_slope", "copies, slope", "Copies against step, by the policy's draws", "copies"));
    private static final List<Measure> OF_CORPORA = List.of(
            new Measure(TrainingCurves.LOSS, "loss", "Loss of batches against step", "nats a token"),
            new Measure(
                    TrainingCurves.VALIDATION, "held out", "Loss on held-out documents against step", "nats a token"));

    private RunComparison() {}

    private static Map<String, String> asked() {
        Map<String, String> asked = new LinkedHashMap<>(); // to the column's name
        asked.put("method", "method");
        asked.put(REWARD, "reward asked");
        asked.put("beta", "β");
        asked.put("lr", "lr");
        return asked;
    }

    /** Table and drawings; identifiers begin with {@code runs-}. */
    static void write(Html html, List<TrainingCurves> runs) {
        html.open("div", "class", "compared runs-compared");
        ExperimentPage.cards(html, table(runs));
        html.close();
        if (runs.stream().anyMatch(run -> !paired(run).isEmpty())) {
            PictureChart.alone("runs-frontier", frontier(runs)).write(html);
        }
        for (Measure measure : measures(runs)) {
            if (runs.stream().anyMatch(run -> !run.having(measure.key).isEmpty())) {
                PictureChart.alone("runs-" + measure.key, against(runs, measure))
                        .write(html);
            }
        }
    }

    /** The loss of a method is its own objective, which does not compare with another's; that of a corpus does. */
    private static List<Measure> measures(List<TrainingCurves> runs) {
        return runs.stream().anyMatch(run -> !run.having(KL).isEmpty()) ? OF_METHODS : OF_CORPORA;
    }

    static DataTable table(List<TrainingCurves> runs) {
        List<String> settings = ASKED.keySet().stream()
                .filter(key -> runs.stream().anyMatch(run -> run.settings().containsKey(key)))
                .toList();
        List<Measure> measures = measures(runs);
        String[] columns = Stream.of(
                        Stream.of("run", "status"),
                        settings.stream().map(key -> Objects.requireNonNull(ASKED.get(key))),
                        Stream.of("step"),
                        measures.stream().map(Measure::column))
                .flatMap(names -> names)
                .toArray(String[]::new);
        DataTable.Builder rows = DataTable.of(
                "What each run was asked, and the last figure of each kind; KL and entropy are in nats a text, losses in nats a"
                        + " token." + warning(runs),
                columns);
        for (TrainingCurves run : runs) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(run.name());
            row.add(run.facts().getOrDefault("Status", "–"));
            settings.forEach(key -> row.add(run.settings().getOrDefault(key, "–")));
            row.add(
                    run.points().isEmpty()
                            ? null
                            : (Object) run.points().get(run.points().size() - 1).step());
            measures.forEach(measure -> row.add(last(run, measure.key)));
            rows.row(row.toArray());
        }
        return rows.build();
    }

    /** Rewards of different functions are different quantities. */
    private static String warning(List<TrainingCurves> runs) {
        long rewards = runs.stream()
                .map(run -> run.settings().get(REWARD))
                .filter(Objects::nonNull)
                .distinct()
                .count();
        return rewards > 1 ? " The runs were asked for different rewards, whose values do not compare." : "";
    }

    private static @Nullable Double last(TrainingCurves run, String measure) {
        List<TrainingCurves.Point> points = run.having(measure);
        return points.isEmpty() ? null : points.get(points.size() - 1).values().get(measure);
    }

    private static List<TrainingCurves.Point> paired(TrainingCurves run) {
        return run.having(KL).stream()
                .filter(point -> point.values().containsKey(REWARD))
                .toList();
    }

    private static Picture frontier(List<TrainingCurves> runs) {
        return Picture.of(
                "frontier",
                "Reward against KL from the prior",
                "One point a step: what each run paid in KL for the reward of its draws. Higher at the same KL is the better bargain."
                        + " A step's point is as noisy as its few texts." + warning(runs),
                Picture.Axis.linear("KL, nats a text"),
                Picture.Axis.linear("reward"),
                runs.stream()
                        .filter(run -> !paired(run).isEmpty())
                        .map(run ->
                                Picture.Series.points(run.name(), values(paired(run), KL), values(paired(run), REWARD)))
                        .toList());
    }

    private static Picture against(List<TrainingCurves> runs, Measure measure) {
        List<Picture.Series> series = new ArrayList<>();
        for (TrainingCurves run : runs) {
            List<TrainingCurves.Point> points = run.having(measure.key);
            if (!points.isEmpty()) {
                double[] steps =
                        points.stream().mapToDouble(TrainingCurves.Point::step).toArray();
                series.add(Picture.Series.line(run.name(), steps, values(points, measure.key)));
            }
        }
        return Picture.of(
                measure.key,
                measure.title,
                measure.key.equals(REWARD) ? warning(runs).strip() : "",
                Picture.Axis.linear("step"),
                Picture.Axis.linear(measure.unit),
                series);
    }

    private static double[] values(List<TrainingCurves.Point> points, String measure) {
        return points.stream()
                .mapToDouble(point -> point.values().getOrDefault(measure, Double.NaN))
                .toArray();
    }

    /** One kind of figure. */
    private record Measure(String key, String column, String title, String unit) {}
}
