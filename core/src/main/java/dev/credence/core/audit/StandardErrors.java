package dev.credence.core.audit;

import java.util.stream.IntStream;

/**
 * First-order errors of all columns of {@link Influence}: the stratified variance Σ n/(n−1) Σ ψ² with ψ the influence less
 * its stratum's mean; strata are prompt and source, units are records, or groups of records that were drawn together.
 *
 * @param errors (columns) standard errors, in the figure's unit
 * @param freedom (columns) Satterthwaite degrees of freedom, with each stratum's own kurtosis
 * @param skewness (columns) Σψ³/(6σ³) with σ² = Σψ²
 * @param spread (columns) σ
 * @param reach (columns) (Σψ⁴)^¼/σ, no less than the largest |ψ|/σ
 * @param means (members, strata, columns) of the influence
 * @param units (members, strata) numbers of units
 */
record StandardErrors(
        double[] errors,
        double[] freedom,
        double[] skewness,
        double[] spread,
        double[] reach,
        double[][][] means,
        double[][] units) {
    private static final int W = Influence.WIDTH;

    /** Sums of one stratum: of the columns' first four powers, then the number of units. */
    private static final int STRIDE = 4 * W + 1;

    static StandardErrors of(Influence influence) {
        Pool pool = influence.estimates().pool();
        double[][] sums = IntStream.range(0, pool.size())
                .parallel()
                .mapToObj(c -> {
                    Atoms atoms = pool.members().get(c).atoms();
                    return atoms.sumUnits(
                            atoms.strata() * STRIDE, W, () -> influence.new OfMember(c), StandardErrors::addPowers);
                })
                .toArray(double[][]::new);
        return new Closing(sums).close();
    }

    private static void addPowers(double[] f, int stratum, double[] sums) {
        int at = stratum * STRIDE;
        for (int k = 0; k < W; k++) {
            double x = f[k];
            double x2 = x * x;
            sums[at + k] += x;
            sums[at + W + k] += x2;
            sums[at + 2 * W + k] += x2 * x;
            sums[at + 3 * W + k] += x2 * x2;
        }
        sums[at + 4 * W]++;
    }

    double of(Figure figure) {
        return errors[figure.ordinal()];
    }

    /** Whether a stratum that has records has a single unit: no spread can be told from it. */
    boolean isThin() {
        for (double[] member : units) {
            for (double n : member) {
                if (n == 1) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Adds up what the strata contribute. */
    private static final class Closing {
        private final double[][] sums;
        private final double[] second = new double[W];
        private final double[] third = new double[W];
        private final double[] fourth = new double[W];
        private final double[] variance = new double[W];
        private final double[] varianceOfVariance = new double[W];
        private final double[][][] means;
        private final double[][] units;

        Closing(double[][] sums) {
            this.sums = sums;
            this.means = new double[sums.length][][];
            this.units = new double[sums.length][];
        }

        StandardErrors close() {
            for (int c = 0; c < sums.length; c++) {
                int strata = sums[c].length / STRIDE;
                means[c] = new double[strata][W];
                units[c] = new double[strata];
                for (int s = 0; s < strata; s++) {
                    units[c][s] = sums[c][s * STRIDE + 4 * W];
                    if (units[c][s] > 0) {
                        addStratum(sums[c], s * STRIDE, units[c][s], means[c][s]);
                    }
                }
            }
            double[] errors = new double[W];
            double[] freedom = new double[W];
            double[] skewness = new double[W];
            double[] spread = new double[W];
            double[] reach = new double[W];
            for (int k = 0; k < W; k++) {
                spread[k] = Math.sqrt(second[k]);
                errors[k] = Math.sqrt(variance[k]);
                freedom[k] = 2 * variance[k] * variance[k] / varianceOfVariance[k];
                skewness[k] = second[k] > 0 ? third[k] / (6 * second[k] * spread[k]) : 0;
                reach[k] = second[k] > 0 ? Math.pow(fourth[k], 0.25) / spread[k] : 0;
            }
            return new StandardErrors(errors, freedom, skewness, spread, reach, means, units);
        }

        private void addStratum(double[] s, int at, double n, double[] mean) {
            for (int k = 0; k < W; k++) {
                double m = s[at + k] / n;
                double s2 = s[at + W + k];
                double s3 = s[at + 2 * W + k];
                double central2 = Math.max(0, s2 - n * m * m);
                double central3 = s3 - 3 * m * s2 + 2 * n * m * m * m;
                double central4 = Math.max(0, s[at + 3 * W + k] - 4 * m * s3 + 6 * m * m * s2 - 3 * n * m * m * m * m);
                mean[k] = m;
                second[k] += central2;
                third[k] += central3;
                fourth[k] += central4;
                if (n > 1) {
                    double own = n / (n - 1) * central2;
                    variance[k] += own;
                    varianceOfVariance[k] += own * own * StudentT.spreadOfVariance(n, central2, central4);
                }
            }
        }
    }
}
