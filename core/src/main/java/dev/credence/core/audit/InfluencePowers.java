package dev.credence.core.audit;

import java.util.function.Supplier;

/**
 * Sums of the first four powers of a prompt's influences, by stratum, over its units (those that were drawn and not kept
 * included).
 *
 * @param width columns
 * @param sums (strata, 4 width + 1) of each power the columns, then the number of units, flat
 */
record InfluencePowers(int width, double[] sums) {
    private static final double[] NONE = {};

    static InfluencePowers of(Atoms atoms, int width, Supplier<Atoms.Columns> vectors) {
        int strata = atoms.strata();
        double[] sums = atoms.sumUnits(
                strata * stride(width),
                width,
                EstimatedDraws.of(atoms, width, TiltCorrection.of(atoms, width, vectors)),
                (units, into) -> add(units, strata, into));
        for (int s = 0; s < strata; s++) {
            sums[s * stride(width) + 4 * width] *= drawsPerRecord(atoms, s);
        }
        return new InfluencePowers(width, sums);
    }

    /** A draw that was not kept is a unit whose influence is zero: it adds to no power, and to their number. */
    private static double drawsPerRecord(Atoms atoms, int stratum) {
        return atoms.records(stratum) == 0 ? 1 : atoms.draws(stratum) / atoms.records(stratum);
    }

    private static int stride(int width) {
        return 4 * width + 1;
    }

    private static void add(UnitColumns units, int strata, double[] sums) {
        int width = units.columns.length;
        units.sort();
        double[] gathered = units.isInOrder() ? NONE : new double[units.count];
        for (int s = 0; s < strata; s++) {
            int from = units.start(s);
            int to = units.start(s + 1);
            int at = s * stride(width);
            for (int k = 0; k < width && from < to; k++) {
                if (units.isInOrder()) {
                    add(units.columns[k], from, to, sums, at + k, width);
                } else {
                    gather(units.columns[k], units.order(), from, to, gathered);
                    add(gathered, 0, to - from, sums, at + k, width);
                }
            }
            sums[at + 4 * width] += to - from;
        }
    }

    private static void gather(double[] column, int[] order, int from, int to, double[] into) {
        for (int i = from; i < to; i++) {
            into[i - from] = column[order[i]];
        }
    }

    /** Two sums of each power side by side: a single one would wait for itself. */
    private static void add(double[] column, int from, int to, double[] sums, int at, int width) {
        double one = 0;
        double two = 0;
        double three = 0;
        double four = 0;
        double otherOne = 0;
        double otherTwo = 0;
        double otherThree = 0;
        double otherFour = 0;
        int i = from;
        for (; i + 1 < to; i += 2) {
            double x = column[i];
            double y = column[i + 1];
            double x2 = x * x;
            double y2 = y * y;
            one += x;
            otherOne += y;
            two += x2;
            otherTwo += y2;
            three += x2 * x;
            otherThree += y2 * y;
            four += x2 * x2;
            otherFour += y2 * y2;
        }
        if (i < to) {
            double x = column[i];
            double x2 = x * x;
            one += x;
            two += x2;
            three += x2 * x;
            four += x2 * x2;
        }
        sums[at] += one + otherOne;
        sums[at + width] += two + otherTwo;
        sums[at + 2 * width] += three + otherThree;
        sums[at + 3 * width] += four + otherFour;
    }

    int strata() {
        return sums.length / stride(width);
    }

    double units(int stratum) {
        return sums[stratum * stride(width) + 4 * width];
    }

    /** Σ x^power of a column. */
    double sum(int stratum, int power, int column) {
        return sums[stratum * stride(width) + (power - 1) * width + column];
    }
}
