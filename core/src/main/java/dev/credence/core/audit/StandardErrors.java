package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
 * @param means (members, strata · figures of {@link Reweighting}) of the influence, flat
 * @param apart (columns) Σ over members of the squared distance between the policy's mean influence and the prior's
 * @param units (members, strata) numbers of units
 * @param byMember (members, {@link #OF_MEMBERS}) what each contributes to the squared errors
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
        double[][] means,
        double[] apart,
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

    /** The figures of which each member's own part is asked for: those that weak prompts may take back. */
    private static final List<Figure> OF_MEMBERS = Stream.concat(
                    Withdrawals.FITTED.stream(), Withdrawals.ASKED.stream())
            .map(Figure::of)
            .toList();

    /** Where a figure is among {@link #OF_MEMBERS}, by ordinal. */
    private static final int[] PLACE =
            Arrays.stream(Figure.values()).mapToInt(OF_MEMBERS::indexOf).toArray();

    static StandardErrors of(Influence influence) {
        PromptPool pool = influence.estimates().pool();
        Closing closing = new Closing(influence.columns(), pool);
        pool.each(
                c -> {
                    PromptAtoms member = pool.members().get(c);
                    InfluencePowers fitted = InfluencePowers.of(
                            member.atoms(), influence.fittedWidth(), () -> influence.new OfMember(c));
                    return closing.strata(c, fitted, member.influencePowers());
                },
                closing::add);
        closing.borrow();
        return closing.close();
    }

    /** The mean influence of a stratum's units on one of the figures of {@link Reweighting}. */
    double mean(int member, int stratum, int figure) {
        return means[member][stratum * Reweighting.COUNT + figure];
    }

    /** What a member contributes to the squared error of a figure that weak prompts may take back. */
    double byMember(int member, Figure figure) {
        return byMember[member][PLACE[figure.ordinal()]];
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
        private final PromptPool pool;
        private final double[] second;
        private final double[] third;
        private final double[] fourth;
        private final double[] variance;
        private final double[] varianceOfVariance;
        private final double[][] means;
        private final double[] apart;
        private final double[][] units;
        private final double[][] byMember;
        private final Lenders[] lenders; // (strata)
        private final double[][][] own; // (strata with borrowers, members, columns) contributions to the squared errors
        private final double[] borrowed;
        private final boolean[] borrows;

        Closing(InfluenceColumn[] columns, PromptPool pool) {
            this.columns = columns;
            this.pool = pool;
            this.second = new double[columns.length];
            this.third = new double[columns.length];
            this.fourth = new double[columns.length];
            this.variance = new double[columns.length];
            this.varianceOfVariance = new double[columns.length];
            this.means = new double[pool.size()][];
            this.apart = new double[columns.length];
            this.units = pool.all(c -> pool.members().get(c).atoms().units(), double[][]::new);
            this.byMember = new double[pool.size()][OF_MEMBERS.size()];
            this.borrowed = new double[columns.length];
            this.borrows = new boolean[pool.size()];
            int strata =
                    Arrays.stream(units).mapToInt(each -> each.length).max().orElse(0);
            this.lenders = new Lenders[strata];
            this.own = new double[strata][][];
            for (int s = 0; s < strata; s++) {
                lenders[s] = new Lenders(s);
                own[s] = lenders[s].isAsked() ? new double[pool.size()][] : new double[0][];
            }
        }

        /**
         * What one stratum of a member contributes, by column.
         *
         * @param mean of its influences
         * @param second their second central moment
         * @param third their third
         * @param fourth their fourth
         * @param spread the squared error that it adds
         * @param varianceOfVariance the variance of that
         * @serial exclude
         */
        private record Stratum(
                double[] mean,
                double[] second,
                double[] third,
                double[] fourth,
                double[] spread,
                double[] varianceOfVariance)
                implements Serializable {
            Stratum(int width) {
                this(
                        new double[width],
                        new double[width],
                        new double[width],
                        new double[width],
                        new double[width],
                        new double[width]);
            }
        }

        /** What a member's strata contribute. */
        Stratum[] strata(int member, InfluencePowers fitted, InfluencePowers ofPrompt) {
            double weight = pool.weight(member);
            Stratum[] strata = new Stratum[fitted.strata()];
            for (int s = 0; s < strata.length; s++) {
                strata[s] = new Stratum(columns.length);
                for (int k = 0; k < columns.length && units[member][s] > 0; k++) {
                    InfluenceColumn column = columns[k];
                    if (column.fitted()) {
                        fill(strata[s], k, fitted, s, column.factor());
                    } else {
                        fill(strata[s], k, ofPrompt, s, weight * column.factor());
                    }
                }
            }
            return strata;
        }

        void add(int member, Stratum[] strata) {
            for (int s = 0; s < strata.length; s++) {
                Stratum stratum = strata[s];
                for (int k = 0; k < columns.length; k++) {
                    second[k] += stratum.second[k];
                    third[k] += stratum.third[k];
                    fourth[k] += stratum.fourth[k];
                    variance[k] += stratum.spread[k];
                    varianceOfVariance[k] += stratum.varianceOfVariance[k];
                }
                for (int k = 0; k < OF_MEMBERS.size(); k++) {
                    byMember[member][k] += stratum.spread[OF_MEMBERS.get(k).ordinal()];
                }
                if (own[s].length > 0) {
                    own[s][member] = stratum.spread;
                }
            }
            keepMeans(member, strata);
        }

        private void keepMeans(int member, Stratum[] strata) {
            means[member] = new double[strata.length * Reweighting.COUNT];
            for (int s = 0; s < strata.length; s++) {
                for (int k = 0; k < Reweighting.COUNT; k++) {
                    means[member][s * Reweighting.COUNT + k] = strata[s].mean[Reweighting.FIGURES[k].ordinal()];
                }
            }
            for (int k = 0; k < columns.length && strata.length > RolloutLog.POLICY; k++) {
                double distance = strata[RolloutLog.POLICY].mean[k] - strata[RolloutLog.PRIOR].mean[k];
                apart[k] += distance * distance;
            }
        }

        /** What a stratum contributes to a column that is a multiple of one with known powers. */
        private void fill(Stratum into, int k, InfluencePowers powers, int stratum, double factor) {
            int at = columns[k].index();
            double n = powers.units(stratum);
            double f2 = factor * factor;
            double m = factor * powers.sum(stratum, 1, at) / n;
            double s2 = f2 * powers.sum(stratum, 2, at);
            double s3 = f2 * factor * powers.sum(stratum, 3, at);
            double s4 = f2 * f2 * powers.sum(stratum, 4, at);
            double central2 = Math.max(0, s2 - n * m * m);
            double central4 = Math.max(0, s4 - 4 * m * s3 + 6 * m * m * s2 - 3 * n * m * m * m * m);
            into.mean[k] = m;
            into.second[k] = central2;
            into.third[k] = s3 - 3 * m * s2 + 2 * n * m * m * m;
            into.fourth[k] = central4;
            if (n > 1) {
                double spread = n / (n - 1) * central2;
                into.spread[k] = spread;
                into.varianceOfVariance[k] = spread * spread * StudentT.spreadOfVariance(n, central2, central4);
            }
        }

        /** Where a stratum has few units and others of its source many times as many: a spread between its own and theirs. */
        void borrow() {
            for (int c = 0; c < units.length; c++) {
                for (int s = 0; s < units[c].length; s++) {
                    double n = units[c][s];
                    double[] ofOne = isFew(n) ? lenders[s].ofOne(n) : null;
                    if (ofOne != null) {
                        borrow(c, s, ofOne);
                    }
                }
            }
        }

        private static boolean isFew(double units) {
            return units > 1 && units < FEW;
        }

        /** The prompts of which a stratum has many units; what they say is found once for all prompts that ask the same ones. */
        private final class Lenders {
            private final int stratum;
            private final double[] sorted; // units, upwards
            private final Map<Integer, double[]> byCount = new HashMap<>();

            Lenders(int stratum) {
                this.stratum = stratum;
                this.sorted = Arrays.stream(units)
                        .filter(own -> stratum < own.length)
                        .mapToDouble(own -> own[stratum])
                        .sorted()
                        .toArray();
            }

            /** Whether a prompt borrows from others. */
            boolean isAsked() {
                return Arrays.stream(sorted).anyMatch(n -> isFew(n) && count(n) >= FEWEST_OTHERS);
            }

            private static double least(double n) {
                return Math.max(FEW, MANY_TIMES * n);
            }

            /** How many have so many more units that they lend. */
            private int count(double n) {
                double least = least(n);
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
                return sorted.length - from;
            }

            /** By column, a unit's variance of a prompt of weight one, or null where too few can tell. */
            double @Nullable [] ofOne(double n) {
                int count = count(n);
                return count < FEWEST_OTHERS ? null : byCount.computeIfAbsent(count, many -> sums(least(n), many));
            }

            private double[] sums(double least, int count) {
                double[] ofOne = new double[columns.length];
                for (int c = 0; c < units.length; c++) {
                    if (stratum < units[c].length && units[c][stratum] >= least) {
                        for (int k = 0; k < columns.length; k++) {
                            ofOne[k] +=
                                    own[stratum][c][k] * units[c][stratum] / (pool.weight(c) * pool.weight(c)) / count;
                        }
                    }
                }
                return ofOne;
            }
        }

        private void borrow(int member, int stratum, double[] ofOne) {
            double n = units[member][stratum];
            double share = (n - 1) / (n - 1 + PRIOR_FREEDOM);
            double weight = pool.weight(member);
            borrows[member] = true;
            for (int k = 0; k < columns.length; k++) {
                double mine = own[stratum][member][k];
                double more = (1 - share) * Math.max(0, weight * weight * ofOne[k] / n - mine);
                borrowed[k] += more;
                variance[k] += more;
                if (k < PLACE.length && PLACE[k] >= 0) {
                    byMember[member][PLACE[k]] += more;
                }
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
                    errors, freedom, skewness, spread, reach, means, apart, units, byMember, borrowed, borrows);
        }
    }
}
