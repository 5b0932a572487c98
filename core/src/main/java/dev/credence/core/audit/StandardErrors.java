package dev.credence.core.audit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
 * @param byMember (members, columns) what each contributes to the squared errors
 * @param borrowed (columns) what of the squared errors strata of few units have from the others' spread: two records that
 *     are alike by chance do not say that their prompt has none
 * @param borrows (members) whether a prompt has such a stratum
 */
@SuppressWarnings("ArrayRecordComponent")
record StandardErrors(
        double[] errors,
        double[] freedom,
        double[] skewness,
        double[] spread,
        double[] reach,
        double[][][] means,
        double[][] units,
        double[][] byMember,
        double[] borrowed,
        boolean[] borrows) {
    /** Units below which a stratum's own spread counts beside that of the same source's other strata. */
    private static final int FEW = 8;

    /** Degrees of freedom that the spread of the others counts for. */
    private static final double PRIOR_FREEDOM = 4;

    /** How many times the units the others have. */
    private static final double MANY_TIMES = 4;

    /** Other strata that there must be. */
    private static final int FEWEST_OTHERS = 2;

    static StandardErrors of(Influence influence) {
        PromptPool pool = influence.estimates().pool();
        Closing closing = new Closing(influence.columns(), pool.size());
        InfluencePowers[] fitted = IntStream.range(0, pool.size())
                .parallel()
                .mapToObj(c -> {
                    PromptAtoms member = pool.members().get(c);
                    member.influencePowers(); // found here, so that it is found in parallel
                    return InfluencePowers.of(member.atoms(), influence.fittedWidth(), () -> influence.new OfMember(c));
                })
                .toArray(InfluencePowers[]::new);
        for (int c = 0; c < fitted.length; c++) {
            closing.add(c, fitted[c], pool.members().get(c).influencePowers(), pool.weight(c));
        }
        closing.borrow(pool);
        return closing.close();
    }

    double of(Figure figure) {
        return errors[figure.ordinal()];
    }

    /** Whether a stratum that has records has a single unit: no spread can be told from it. */
    boolean isThin() {
        return IntStream.range(0, units.length).anyMatch(this::isThin);
    }

    /** The same of one member. */
    boolean isThin(int member) {
        return Arrays.stream(units[member]).anyMatch(n -> n == 1);
    }

    /** Adds up what the strata contribute. */
    private static final class Closing {
        private final InfluenceColumn[] columns;
        private final double[] second;
        private final double[] third;
        private final double[] fourth;
        private final double[] variance;
        private final double[] varianceOfVariance;
        private final double[][][] means;
        private final double[][] units;
        private final double[][] byMember;
        private final double[][][] own; // (members, strata, columns) contributions to the squared errors
        private final double[] borrowed;
        private final boolean[] borrows;

        Closing(InfluenceColumn[] columns, int members) {
            this.columns = columns;
            this.second = new double[columns.length];
            this.third = new double[columns.length];
            this.fourth = new double[columns.length];
            this.variance = new double[columns.length];
            this.varianceOfVariance = new double[columns.length];
            this.means = new double[members][][];
            this.units = new double[members][];
            this.byMember = new double[members][columns.length];
            this.own = new double[members][][];
            this.borrowed = new double[columns.length];
            this.borrows = new boolean[members];
        }

        void add(int member, InfluencePowers fitted, InfluencePowers ofPrompt, double weight) {
            means[member] = new double[fitted.strata()][columns.length];
            units[member] = new double[fitted.strata()];
            own[member] = new double[fitted.strata()][columns.length];
            for (int s = 0; s < fitted.strata(); s++) {
                units[member][s] = fitted.units(s);
                for (int k = 0; k < columns.length && units[member][s] > 0; k++) {
                    InfluenceColumn column = columns[k];
                    means[member][s][k] = column.fitted()
                            ? add(member, k, fitted, s, column.factor())
                            : add(member, k, ofPrompt, s, weight * column.factor());
                }
            }
        }

        /** Adds a stratum's contribution to a column that is a multiple of one with known powers; returns its mean. */
        private double add(int member, int k, InfluencePowers powers, int stratum, double factor) {
            int at = columns[k].index();
            double n = powers.units(stratum);
            double f2 = factor * factor;
            double m = factor * powers.sum(stratum, 1, at) / n;
            double s2 = f2 * powers.sum(stratum, 2, at);
            double s3 = f2 * factor * powers.sum(stratum, 3, at);
            double s4 = f2 * f2 * powers.sum(stratum, 4, at);
            double central2 = Math.max(0, s2 - n * m * m);
            double central4 = Math.max(0, s4 - 4 * m * s3 + 6 * m * m * s2 - 3 * n * m * m * m * m);
            second[k] += central2;
            third[k] += s3 - 3 * m * s2 + 2 * n * m * m * m;
            fourth[k] += central4;
            if (n > 1) {
                double spread = n / (n - 1) * central2;
                own[member][stratum][k] = spread;
                variance[k] += spread;
                byMember[member][k] += spread;
                varianceOfVariance[k] += spread * spread * StudentT.spreadOfVariance(n, central2, central4);
            }
            return m;
        }

        /** Where a stratum has few units and others of its source many times as many: a spread between its own and theirs. */
        void borrow(PromptPool pool) {
            int strata = Arrays.stream(units).mapToInt(own -> own.length).max().orElse(0);
            List<Lenders> lenders = IntStream.range(0, strata)
                    .mapToObj(s -> new Lenders(s, pool))
                    .toList();
            for (int c = 0; c < units.length; c++) {
                for (int s = 0; s < units[c].length; s++) {
                    double n = units[c][s];
                    double[] ofOne = n > 1 && n < FEW ? lenders.get(s).ofOne(n) : null;
                    if (ofOne != null) {
                        borrow(pool, c, s, ofOne);
                    }
                }
            }
        }

        /** The prompts of which a stratum has many units; what they say is found once for all prompts that ask the same ones. */
        private final class Lenders {
            private final int stratum;
            private final PromptPool pool;
            private final double[] sorted; // units, upwards
            private final Map<Integer, double[]> byCount = new HashMap<>();

            Lenders(int stratum, PromptPool pool) {
                this.stratum = stratum;
                this.pool = pool;
                this.sorted = Arrays.stream(units)
                        .filter(own -> stratum < own.length)
                        .mapToDouble(own -> own[stratum])
                        .sorted()
                        .toArray();
            }

            /** By column, a unit's variance of a prompt of weight one, or null where too few can tell. */
            double @Nullable [] ofOne(double n) {
                double least = Math.max(FEW, MANY_TIMES * n);
                int from = 0;
                int to = sorted.length;
                while (from < to) {
                    int middle = (from + to) >>> 1;
                    if (sorted[middle] >= least) {
                        to = middle;
                    } else {
                        from = middle + 1;
                    }
                }
                int count = sorted.length - from;
                return count < FEWEST_OTHERS ? null : byCount.computeIfAbsent(count, many -> sums(least, many));
            }

            private double[] sums(double least, int count) {
                double[] ofOne = new double[columns.length];
                for (int c = 0; c < units.length; c++) {
                    if (stratum < units[c].length && units[c][stratum] >= least) {
                        for (int k = 0; k < columns.length; k++) {
                            ofOne[k] +=
                                    own[c][stratum][k] * units[c][stratum] / (pool.weight(c) * pool.weight(c)) / count;
                        }
                    }
                }
                return ofOne;
            }
        }

        private void borrow(PromptPool pool, int member, int stratum, double[] ofOne) {
            double n = units[member][stratum];
            double share = (n - 1) / (n - 1 + PRIOR_FREEDOM);
            double weight = pool.weight(member);
            borrows[member] = true;
            for (int k = 0; k < columns.length; k++) {
                double mine = own[member][stratum][k];
                double more = (1 - share) * Math.max(0, weight * weight * ofOne[k] / n - mine);
                borrowed[k] += more;
                variance[k] += more;
                byMember[member][k] += more;
                varianceOfVariance[k] += more * more * 2 / (n - 1 + PRIOR_FREEDOM);
            }
        }

        StandardErrors close() {
            int width = columns.length;
            double[] errors = new double[width];
            double[] freedom = new double[width];
            double[] skewness = new double[width];
            double[] spread = new double[width];
            double[] reach = new double[width];
            for (int k = 0; k < width; k++) {
                spread[k] = Math.sqrt(second[k]);
                errors[k] = Math.sqrt(variance[k]);
                freedom[k] = 2 * variance[k] * variance[k] / varianceOfVariance[k];
                skewness[k] = second[k] > 0 ? third[k] / (6 * second[k] * spread[k]) : 0;
                reach[k] = second[k] > 0 ? Math.pow(fourth[k], 0.25) / spread[k] : 0;
            }
            return new StandardErrors(
                    errors, freedom, skewness, spread, reach, means, units, byMember, borrowed, borrows);
        }
    }
}
