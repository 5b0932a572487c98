package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * How often a figure's interval covers the truth.
 *
 * @param logs logs that give the figure an interval and a truth
 * @param standing how many of them let it stand; the rest of the figures are over these
 * @param covered share of the intervals that contain the truth
 * @param below share of them whose truth is below
 * @param above share of them whose truth is above
 * @param withheld share of the withdrawn intervals that contain the truth: near .95 where a gate is too harsh
 * @param width median width
 * @param truth median truth
 * @param ranks where the truths lie within them
 */
record Coverage(
        int logs,
        int standing,
        double covered,
        double below,
        double above,
        double withheld,
        double width,
        double truth,
        Ranks ranks) {

    static Coverage of(List<CoverageSample> samples, String id) {
        return of(samples.stream()
                .map(sample -> sample.figures().get(id))
                .filter(Objects::nonNull)
                .toList());
    }

    /** Of one figure in all logs that have it. */
    static Coverage of(List<Figure> all) {
        List<Figure> standing = all.stream().filter(Figure::stands).toList();
        double n = standing.size();
        return new Coverage(
                all.size(),
                standing.size(),
                standing.stream().filter(Figure::covers).count() / n,
                standing.stream().filter(Figure::isBelow).count() / n,
                standing.stream().filter(Figure::isAbove).count() / n,
                all.stream()
                                .filter(figure -> !figure.stands() && figure.covers())
                                .count()
                        / (all.size() - n),
                median(standing.stream().mapToDouble(Figure::width).toArray()),
                median(standing.stream().mapToDouble(Figure::truth).toArray()),
                Ranks.of(all));
    }

    /** The share of the logs whose gates withdraw the figure. */
    double withdrawn() {
        return 1 - (double) standing / logs;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int n = values.length;
        return n == 0 ? Double.NaN : 0.5 * (values[(n - 1) / 2] + values[n / 2]);
    }
}
