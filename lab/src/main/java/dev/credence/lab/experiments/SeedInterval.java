package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.FindingFormat;
import dev.credence.core.audit.StudentT;
import dev.credence.core.diagnostics.BinomialInterval;
import dev.credence.core.figures.FigureFormat;
import java.util.Arrays;

/** The interval of a mean over independent seeds or pools, by Student's t. */
final class SeedInterval {
    private static final double ROUNDING = 1e-12; // of a value; seeds that differ by less agree

    private SeedInterval() {}

    /** (lower, mean, upper) at 95 %; without width where there is one value alone. */
    static double[] of(double[] values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        if (n < 2 || !Double.isFinite(mean)) {
            return new double[] {mean, mean, mean};
        }
        double square = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double half = StudentT.ofMean(n) * Math.sqrt(square / (n - 1) / n);
        return new double[] {mean - half, mean, mean + half};
    }

    /**
     * The same of a figure that lies between two bounds, such as a share. Seeds that all agree say only that few others differ:
     * at most the share q that none of n draws would show at 95 % (Clopper and Pearson; 3/n for many seeds and one side). The mean
     * over all seeds is then between those where that share lies on the one bound or on the other.
     *
     * @param values of the seeds
     * @param least bound, finite
     * @param most bound, finite
     * @return (lower, mean, upper) at 95 %, within the bounds
     */
    static double[] within(double[] values, double least, double most) {
        double[] interval = of(values);
        double first = Arrays.stream(values).min().orElse(Double.NaN);
        double last = Arrays.stream(values).max().orElse(Double.NaN);
        boolean agree = values.length > 1 && last - first <= ROUNDING * Math.max(Math.abs(first), Math.abs(last));
        double others = agree ? BinomialInterval.of(0, values.length)[2] : 0;
        double lower = agree ? values[0] - others * (values[0] - least) : interval[0];
        double upper = agree ? values[0] + others * (most - values[0]) : interval[2];
        return new double[] {Math.max(least, lower), agree ? values[0] : interval[1], Math.min(most, upper)};
    }

    /** {@return an estimate with its interval in words, without one where it has no width} */
    static String words(Finding finding) {
        String value = FigureFormat.of(finding.estimate());
        return FindingFormat.hasInterval(finding) && finding.lower() < finding.upper()
                ? value + " " + FindingFormat.interval(finding)
                : value;
    }
}
