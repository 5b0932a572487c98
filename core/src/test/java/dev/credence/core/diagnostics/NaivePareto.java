package dev.credence.core.diagnostics;

import java.util.Arrays;

/** The oracle of {@link ParetoTail}: everything sorted, nothing scaled, one logarithm a term, as the papers have it. */
final class NaivePareto {
    private NaivePareto() {}

    /** k̂ of the {@code tail} largest weights over the next one. */
    static double shape(double[] logWeights, int tail) {
        double[] weights = Arrays.stream(logWeights).map(Math::exp).sorted().toArray();
        double cutoff = weights[weights.length - tail - 1];
        double[] x = Arrays.stream(weights, weights.length - tail, weights.length)
                .map(weight -> weight - cutoff)
                .toArray();
        int n = x.length;
        int m = 30 + (int) Math.sqrt(n);
        double quartile = x[(int) (n / 4.0 + 0.5) - 1];
        double[] theta = new double[m];
        double[] l = new double[m];
        for (int j = 1; j <= m; j++) {
            theta[j - 1] = 1 / x[n - 1] + (1 - Math.sqrt(m / (j - 0.5))) / (3 * quartile);
            double k = k(x, theta[j - 1]);
            l[j - 1] = n * (Math.log(-theta[j - 1] / k) - k - 1);
        }
        double mean = 0;
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int i = 0; i < m; i++) {
                sum += Math.exp(l[i] - l[j]);
            }
            mean += theta[j] / sum;
        }
        return (n * k(x, mean) + 5) / (n + 10);
    }

    private static double k(double[] x, double theta) {
        return Arrays.stream(x)
                .map(value -> Math.log1p(-theta * value))
                .average()
                .orElseThrow();
    }
}
