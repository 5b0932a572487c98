package dev.credence.core.audit;

import java.io.Serializable;
import java.util.stream.Stream;

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
    private final double[] along; // (figures) how far each direction is followed; 0 where no curvature is asked for

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
        this.along = new double[N];
        for (int k = 0; k < N; k++) {
            int column = Reweighting.FIGURES[k].ordinal();
            boolean bends = errors.spread()[column] > 0 && !isRounding(k);
            along[k] = bends ? 1e-3 * Math.max(1, Math.min(5, 0.3 / errors.reach()[column])) : 0;
        }
    }

    private double[][] fieldSums(int member) {
        Atoms atoms = estimates.pool().members().get(member).atoms();
        double[] flat = atoms.sum(atoms.strata() * F, () -> {
            Reweighting.Fields fields = reweighting.new Fields(member);
            double[][] columns = new double[F][atoms.blockSize()];
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
        Totals totals = new Totals();
        estimates.pool().each(this::pass, (c, own) -> totals.add(own));
        double[] curvature = curvature(totals);
        Interval[] intervals = new Interval[N];
        for (int k = 0; k < N; k++) {
            intervals[k] = interval(k, totals, curvature[k]);
        }
        return intervals;
    }

    /** What is added up over strata, by figure, and what becomes of all sums along each figure's influence. */
    private static final class Totals {
        final double[] bias = new double[N];
        final double[] variance = new double[N];
        final double[] varianceOfVariance = new double[N];
        final Reweighting.Change[] up = changes();
        final Reweighting.Change[] down = changes();

        private static Reweighting.Change[] changes() {
            return Stream.generate(Reweighting.Change::new).limit(N).toArray(Reweighting.Change[]::new);
        }

        void add(Contribution own) {
            for (int s = 0; s < own.bias.length; s++) {
                bias[s % N] += own.bias[s];
                variance[s % N] += own.variance[s];
                varianceOfVariance[s % N] += own.varianceOfVariance[s];
            }
            for (int k = 0; k < N; k++) {
                up[k].add(own.up[k]);
                down[k].add(own.down[k]);
            }
        }
    }

    /**
     * The same of one member, its strata apart: the first three are (strata · figures).
     *
     * @param bias of the estimates
     * @param variance of them
     * @param varianceOfVariance and of that
     * @param up how its sums change along each figure's influence, upwards
     * @param down the same, downwards
     * @serial exclude
     */
    private record Contribution(
            double[] bias,
            double[] variance,
            double[] varianceOfVariance,
            Reweighting.Change[] up,
            Reweighting.Change[] down)
            implements Serializable {}

    /** One member's contribution. */
    private Contribution pass(int member) {
        double[] sums = sums(member);
        double[] units = errors.units()[member];
        double[] bias = new double[units.length * N];
        double[] variance = new double[bias.length];
        double[] varianceOfVariance = new double[bias.length];
        for (int s = 0; s < units.length; s++) {
            double n = units[s];
            for (int k = 0; k < N && n >= 2; k++) {
                int at = s * 4 * N + k;
                double mean = sums[at] / n;
                double s2 = sums[at + N];
                double s3 = sums[at + 2 * N];
                double central2 = Math.max(0, s2 - n * mean * mean);
                double central4 = Math.max(
                        0, sums[at + 3 * N] - 4 * mean * s3 + 6 * mean * mean * s2 - 3 * n * Math.pow(mean, 4));
                double share = (n - 1) / n;
                double own = share * central2; // n/(n−1) Σ J², J = (n−1)/n (θ_i − mean)
                bias[s * N + k] = (n - 1) * mean;
                variance[s * N + k] = own;
                varianceOfVariance[s * N + k] = own * own * StudentT.spreadOfVariance(n, central2, central4);
            }
        }
        Reweighting.Change[] up = new Reweighting.Change[N];
        Reweighting.Change[] down = new Reweighting.Change[N];
        for (int k = 0; k < N; k++) {
            double sigma = errors.spread()[Reweighting.FIGURES[k].ordinal()];
            up[k] = along(member, k, sums, along[k] / sigma);
            down[k] = along(member, k, sums, -along[k] / sigma);
        }
        return new Contribution(bias, variance, varianceOfVariance, up, down);
    }

    /** Sums a stratum: four powers of the six figures' changes. Sums a prompt, behind those: fields times ψ. */
    private double[] sums(int member) {
        Atoms atoms = estimates.pool().members().get(member).atoms();
        double[][] fieldSums = fieldSums(member);
        int directions = atoms.strata() * 4 * N;
        double[] units = errors.units()[member];
        double[] all =
                atoms.sumUnits(directions + N * F, F + N, () -> new FieldsAndInfluence(member), (stretch, sums) -> {
                    double[] unit = new double[F + N];
                    for (int i = 0; i < stretch.count; i++) {
                        for (int k = 0; k < unit.length; k++) {
                            unit[k] = stretch.columns[k][i];
                        }
                        int stratum = stretch.stratum(i);
                        addUnit(member, unit, stratum, fieldSums[stratum], units[stratum], sums);
                    }
                });
        for (int s = 0; s < atoms.strata(); s++) {
            addUnkept(member, s, units[s] * (1 - atoms.records(s) / atoms.draws(s)), fieldSums[s], units[s], all);
        }
        return all;
    }

    /** Draws that were not kept: units of nothing, all alike. */
    private void addUnkept(int member, int stratum, double count, double[] fieldSums, double n, double[] sums) {
        if (!(count > 0)) {
            return;
        }
        double[] one = new double[sums.length];
        addUnit(member, new double[F + N], stratum, fieldSums, n, one);
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

    private void addUnit(int member, double[] unit, int stratum, double[] fieldSums, double n, double[] sums) {
        int directions = sums.length - N * F;
        for (int k = 0; k < N; k++) {
            double psi = unit[F + k] - errors.mean(member, stratum, k);
            for (int a = 0; a < F; a++) {
                sums[directions + k * F + a] += psi * unit[a];
            }
        }
        if (n < 2) {
            return;
        }
        double[] shift = new double[F];
        for (int a = 0; a < F; a++) {
            shift[a] = (fieldSums[a] - n * unit[a]) / (n - 1);
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
    private double[] curvature(Totals totals) {
        double[] curvature = new double[N];
        double[] figures = new double[N];
        for (int k = 0; k < N; k++) {
            if (along[k] == 0) {
                continue;
            }
            reweighting.figures(totals.up[k], figures);
            double up = figures[k];
            reweighting.figures(totals.down[k], figures);
            double second = up + figures[k] - 2 * reweighting.baseline(k);
            double sigma = errors.spread()[Reweighting.FIGURES[k].ordinal()];
            curvature[k] = second / (2 * along[k] * along[k] * Math.abs(reweighting.slope(k)) * sigma);
        }
        return curvature;
    }

    /** What a member's nine sums add to the change so far along a figure's influence. */
    private Reweighting.Change along(int member, int figure, double[] sums, double factor) {
        Reweighting.Change change = new Reweighting.Change();
        if (along[figure] == 0) {
            return change;
        }
        double[] shift = new double[F];
        int at = sums.length - N * F + figure * F;
        for (int a = 0; a < F; a++) {
            shift[a] = factor * sums[at + a];
        }
        reweighting.add(member, shift, 0, change);
        return change;
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

    private Interval interval(int figure, Totals totals, double curvature) {
        double bias = totals.bias[figure];
        double variance = totals.variance[figure];
        double varianceOfVariance = totals.varianceOfVariance[figure];
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
