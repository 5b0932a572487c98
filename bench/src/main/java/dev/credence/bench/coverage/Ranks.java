package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;

/**
 * Where truths lie within the distributions that their intervals stand for ({@link Figure#rank}): simulation-based calibration (Talts,
 * Betancourt, Simpson, Vehtari and Gelman 2018). Ranks of intervals that are exactly right are uniform; a hump says that intervals are
 * wider than they need be, a hollow that they are too narrow, a slope that estimates lean.
 *
 * @param tenths how many truths lie in each tenth
 * @param p of Pearson's χ² against uniform ones; NaN of fewer than {@value #LEAST}
 */
@SuppressWarnings("ArrayRecordComponent")
record Ranks(long[] tenths, double p) {
    /** Ranks, below which nothing is said of their shape. */
    static final int LEAST = 50;

    private static final int TENTHS = 10;
    private static final double TENTH = 1.0 / TENTHS;
    private static final double UNLIKELY = 0.001; // a thousand rows have one by chance
    private static final double ERRORS = 3;

    /** Of those that stand. */
    static Ranks of(List<Figure> figures) {
        long[] tenths = new long[TENTHS];
        figures.stream()
                .filter(Figure::stands)
                .mapToDouble(Figure::rank)
                .filter(rank -> !Double.isNaN(rank))
                .forEach(rank -> tenths[Math.min(TENTHS - 1, (int) (TENTHS * rank))]++);
        double all = Arrays.stream(tenths).sum();
        double expected = all / TENTHS;
        double square = Arrays.stream(tenths)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        double p =
                all < LEAST ? Double.NaN : 1 - new ChiSquaredDistribution(TENTHS - 1.0).cumulativeProbability(square);
        return new Ranks(tenths, p);
    }

    private double share(int... which) {
        return Arrays.stream(which).mapToDouble(k -> tenths[k]).sum()
                / Arrays.stream(tenths).sum();
    }

    /**
     * What they look like: "uniform", "too narrow" (too many in the first tenth and in the last), "wider than need be" (too few in both),
     * "low" or "high" (where the estimates lean); empty of few.
     */
    String words() {
        if (Double.isNaN(p)) {
            return "";
        }
        if (p >= UNLIKELY) {
            return "uniform";
        }
        double room =
                ERRORS * Math.sqrt(TENTH * (1 - TENTH) / Arrays.stream(tenths).sum());
        double first = share(0) - TENTH;
        double last = share(TENTHS - 1) - TENTH;
        if (first > 0 && last > 0 && first + last > room) {
            return "too narrow";
        }
        if (first < 0 && last < 0 && first + last < -room) {
            return "wider than need be";
        }
        return share(5, 6, 7, 8, 9) > 0.5 ? "low" : "high";
    }

    /** Per cent in each tenth, such as "9 10 11 10 10 10 10 11 9 10". */
    String shares() {
        double all = Arrays.stream(tenths).sum();
        return all == 0
                ? "–"
                : Arrays.stream(tenths)
                        .mapToObj(count -> String.format(Locale.ROOT, "%.0f", 100 * count / all))
                        .collect(Collectors.joining(" "));
    }
}
