package dev.credence.lab.experiments;

import dev.credence.core.audit.StudentT;
import java.util.Arrays;

/** The interval of a mean over independent seeds or pools, by Student's t. */
final class SeedInterval {
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
}
