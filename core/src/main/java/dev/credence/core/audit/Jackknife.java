package dev.credence.core.audit;

import java.util.stream.IntStream;

/**
 * Second-order intervals of the six headline figures: a stratified delete-one jackknife in closed form (a record is left
 * out and the rest of its stratum weighted up, so that n0, n1 and the proposal stay) for bias, error and degrees of
 * freedom, and the skewness correction of the ABC interval along the least favourable direction. Each interval is
 * symmetric about the bias-corrected estimate on its own scale but for the skewness, which only ever widens its side.
 */
final class Jackknife {
    private static final int N = Reweighting.COUNT;
    private static final int F = Reweighting.FIELDS;
    private static final double ROUNDING = 1e-6;

    private final Influence influence;
    private final Estimates estimates;
    private final StandardErrors errors;
    private final Reweighting reweighting;
    private final double[][][] fieldSums; // (members, strata, FIELDS)

    /**
     * One figure's interval.
     *
     * @param lower lower end
     * @param upper upper end
     * @param bias of the estimate, in half-widths of the interval on its own scale
     * @param corrected the estimate less its bias
     */
    record Interval(double lower, double upper, double bias, double corrected) {}

    Jackknife(Influence influence, StandardErrors errors) {
        this.influence = influence;
        this.estimates = influence.estimates();
        this.errors = errors;
        this.reweighting = new Reweighting(estimates);
        this.fieldSums = IntStream.range(0, estimates.pool().size())
                .parallel()
                .mapToObj(this::fieldSums)
                .toArray(double[][][]::new);
    }

    private double[][] fieldSums(int member) {
        Atoms atoms = estimates.pool().members().get(member).atoms();
        double[] flat = atoms.sum(atoms.strata() * F, () -> {
            Reweighting.Fields fields = reweighting.new Fields(member);
            double[][] columns = new double[F][AtomBlock.SIZE];
            return (block, sums) -> {
                fields.fill(block, columns);
                for (int i = 0; i < block.count; i++) {
                    for (int k = 0; k < F; k++) {
                        sums[block.stratum[i] * F + k] += columns[k][i];
                    }
                }
            };
        });
        double[][] byStratum = new double[atoms.strata()][];
        for (int s = 0; s < byStratum.length; s++) {
            byStratum[s] = java.util.Arrays.copyOfRange(flat, s * F, (s + 1) * F);
        }
        return byStratum;
    }

    /** The intervals, in the order of {@link Reweighting#FIGURES}. */
    Interval[] intervals() {
        double[][] sums = IntStream.range(0, estimates.pool().size())
                .parallel()
                .mapToObj(this::pass)
                .toArray(double[][]::new);
        double[] curvature = curvature(sums);
        Interval[] intervals = new Interval[N];
        for (int k = 0; k < N; k++) {
            intervals[k] = interval(k, sums, curvature[k]);
        }
        return intervals;
    }

    /** Sums a stratum: four powers of the six figures' changes. Sums a prompt, behind those: fields times ψ. */
    private double[] pass(int member) {
        Atoms atoms = estimates.pool().members().get(member).atoms();
        int directions = atoms.strata() * 4 * N;
        double[][] unitMeans = errors.means()[member];
        double[] units = errors.units()[member];
        double[] all =
                atoms.sumUnits(directions + N * F, F + N, () -> new FieldsAndInfluence(member), (stretch, sums) -> {
                    double[] unit = new double[F + N];
                    for (int i = 0; i < stretch.count; i++) {
                        for (int k = 0; k < unit.length; k++) {
                            unit[k] = stretch.columns[k][i];
                        }
                        int stratum = stretch.stratum(i);
                        addUnit(member, unit, stratum, unitMeans[stratum], units[stratum], sums);
                    }
                });
        for (int s = 0; s < atoms.strata(); s++) {
            addUnkept(member, s, units[s] * (1 - atoms.records(s) / atoms.draws(s)), unitMeans[s], units[s], all);
        }
        return all;
    }

    /** Draws that were not kept: units of nothing, all alike. */
    private void addUnkept(int member, int stratum, double count, double[] means, double n, double[] sums) {
        if (!(count > 0)) {
            return;
        }
        double[] one = new double[sums.length];
        addUnit(member, new double[F + N], stratum, means, n, one);
        for (int k = 0; k < sums.length; k++) {
            sums[k] += count * one[k];
        }
    }

    private final class FieldsAndInfluence implements Atoms.Columns {
        private final Reweighting.Fields fields;
        private final Influence.OfMember own;

        FieldsAndInfluence(int member) {
            this.fields = reweighting.new Fields(member);
            this.own = influence.new OfMember(member);
        }

        @Override
        public void fill(AtomBlock block, double[][] into) {
            fields.fill(block, into);
            own.headline(block, into, F);
        }
    }

    private void addUnit(int member, double[] unit, int stratum, double[] means, double n, double[] sums) {
        int directions = sums.length - N * F;
        for (int k = 0; k < N; k++) {
            double psi = unit[F + k] - means[Reweighting.FIGURES[k].ordinal()];
            for (int a = 0; a < F; a++) {
                sums[directions + k * F + a] += psi * unit[a];
            }
        }
        if (n < 2) {
            return;
        }
        double[] shift = new double[F];
        for (int a = 0; a < F; a++) {
            shift[a] = (fieldSums[member][stratum][a] - n * unit[a]) / (n - 1);
        }
        Reweighting.Change change = new Reweighting.Change();
        reweighting.add(member, shift, 0, change);
        double[] figures = new double[N];
        reweighting.figures(change, figures);
        int at = stratum * 4 * N;
        for (int k = 0; k < N; k++) {
            double x = figures[k] - reweighting.baseline(k);
            double x2 = x * x;
            sums[at + k] += x;
            sums[at + N + k] += x2;
            sums[at + 2 * N + k] += x2 * x;
            sums[at + 3 * N + k] += x2 * x2;
        }
    }

    /** Second difference of each figure along its influence, over 2|g'|σ. */
    private double[] curvature(double[][] sums) {
        double[] curvature = new double[N];
        for (int k = 0; k < N; k++) {
            int column = Reweighting.FIGURES[k].ordinal();
            double sigma = errors.spread()[column];
            if (!(sigma > 0) || isRounding(k)) {
                continue;
            }
            double epsilon = 1e-3 * Math.max(1, Math.min(5, 0.3 / errors.reach()[column]));
            double up = along(k, sums, epsilon / sigma);
            double down = along(k, sums, -epsilon / sigma);
            double second = up + down - 2 * reweighting.baseline(k);
            curvature[k] = second / (2 * epsilon * epsilon * Math.abs(reweighting.slope(k)) * sigma);
        }
        return curvature;
    }

    private double along(int figure, double[][] sums, double factor) {
        Reweighting.Change change = new Reweighting.Change();
        double[] shift = new double[F];
        for (int c = 0; c < sums.length; c++) {
            int at = sums[c].length - N * F + figure * F;
            for (int a = 0; a < F; a++) {
                shift[a] = factor * sums[c][at + a];
            }
            reweighting.add(c, shift, 0, change);
        }
        double[] figures = new double[N];
        reweighting.figures(change, figures);
        return figures[figure];
    }

    private boolean isRounding(int figure) {
        return isRounding(estimates, figure);
    }

    /** Whether a figure is so near an end of its range that its scale has no slope there. */
    static boolean isRounding(Estimates estimates, int figure) {
        double explained = estimates.get(Figure.KL_EXPLAINED);
        double departure = estimates.get(Figure.KL_DEPARTURE);
        return switch (figure) {
            case Reweighting.FRACTION -> explained < ROUNDING || departure < ROUNDING;
            case Reweighting.COPIES, Reweighting.LOG_Z -> false;
            default -> estimates.get(Reweighting.FIGURES[figure]) < ROUNDING;
        };
    }

    private Interval interval(int figure, double[][] sums, double curvature) {
        double bias = 0;
        double variance = 0;
        double varianceOfVariance = 0;
        for (int c = 0; c < sums.length; c++) {
            double[] units = errors.units()[c];
            for (int s = 0; s < units.length; s++) {
                double n = units[s];
                if (n < 2) {
                    continue;
                }
                int at = s * 4 * N + figure;
                double mean = sums[c][at] / n;
                bias += (n - 1) * mean;
                double s2 = sums[c][at + N];
                double s3 = sums[c][at + 2 * N];
                double central2 = Math.max(0, s2 - n * mean * mean);
                double central4 = Math.max(
                        0, sums[c][at + 3 * N] - 4 * mean * s3 + 6 * mean * mean * s2 - 3 * n * Math.pow(mean, 4));
                double share = (n - 1) / n;
                double own = share * central2; // n/(n−1) Σ J², J = (n−1)/n (θ_i − mean)
                variance += own;
                varianceOfVariance += own * own * StudentT.spreadOfVariance(n, central2, central4);
            }
        }
        double borrowed = errors.borrowed()[Reweighting.FIGURES[figure].ordinal()];
        if (borrowed > 0 && !isRounding(figure)) {
            variance += borrowed * reweighting.slope(figure) * reweighting.slope(figure);
        }
        double error = Math.sqrt(variance);
        double t = StudentT.quantile(2 * variance * variance / varianceOfVariance);
        double a = errors.skewness()[Reweighting.FIGURES[figure].ordinal()];
        double q = isRounding(figure) ? 0 : a + curvature + (2 * a + curvature) * Intervals.Z * Intervals.Z;
        double skew = Math.max(-1, Math.min(1, Double.isNaN(q) ? 0 : q));
        double center = reweighting.baseline(figure) - bias;
        Intervals.Limits ends = Reweighting.unscaled(
                figure, center - error * (t - Math.min(skew, 0)), center + error * (t + Math.max(skew, 0)));
        boolean spreads = error > ROUNDING * Math.max(ROUNDING, Math.abs(reweighting.baseline(figure)));
        return new Interval(
                ends.lower(),
                ends.upper(),
                spreads ? Math.abs(bias) / (t * error) : 0,
                Reweighting.unscaled(figure, center, center).lower());
    }
}
