package dev.credence.core.model;

import java.util.Arrays;

/**
 * What top-k, top-p and min-p keep: the likeliest tokens down to a mass, of those with just that mass the ones with the
 * lowest ids. Tokens between two other masses are in doubt: rounding could have kept or dropped them.
 *
 * @param least the smallest mass that is kept
 * @param ties how many of just that mass are kept
 * @param certain every larger mass is kept whatever the rounding
 * @param hopeless every smaller mass is dropped whatever the rounding
 */
record TokenCut(double least, int ties, double certain, double hopeless) {
    /** The cut of a distribution whose masses may be wrong by a relative error. */
    static TokenCut of(Sampling sampling, TokenMasses masses, double error) {
        double total = masses.total();
        double bound = bound(sampling, masses, error);
        double[] descending = descending(masses, bound);
        int topK = Math.min(sampling.topK(), descending.length);
        int keep = topK;
        int fewest = topK;
        int most = topK;
        if (sampling.topP() < 1) {
            double left = topK < descending.length ? sum(descending, topK) : total;
            double needed = sampling.topP() * left;
            keep = reaching(descending, needed, topK);
            fewest = reaching(descending, needed - error * left, topK);
            most = reaching(descending, needed + error * left, topK);
        }
        double floor = sampling.minP() * descending[0];
        double last = descending[keep - 1];
        double firstOut = fewest < descending.length ? descending[fewest] : bound;
        double least = Math.max(last, floor);
        return new TokenCut(
                least,
                last >= floor ? keep - above(descending, last) : masses.size(),
                Math.max(firstOut, floor) * (1 + error),
                Math.max(descending[most - 1], floor) * (1 - error));
    }

    /** Drops what is not kept, marks what is in doubt; returns the mass that is left. */
    double apply(TokenMasses masses) {
        int left = ties;
        for (int v = 0; v < masses.size(); v++) {
            double mass = masses.of(v);
            if (mass <= certain && mass >= hopeless && mass > 0) {
                masses.doubt(v, mass);
            }
            if (!(mass > least || (mass == least && left-- > 0))) {
                masses.drop(v);
            }
        }
        return masses.addUp();
    }

    /**
     * A mass below which nothing is kept whatever the rounding, or 0. All tokens below (1 − p)/V together do not make up
     * what top-p leaves out. Top-k has no such bound, and comes first.
     */
    private static double bound(Sampling sampling, TokenMasses masses, double error) {
        if (sampling.topK() < masses.size()) {
            return 0;
        }
        if (sampling.topP() < 1) {
            return Math.max(0, (1 - sampling.topP() - 2 * error) * masses.total() / masses.size());
        }
        double largest = 0;
        for (int v = 0; v < masses.size(); v++) {
            largest = Math.max(largest, masses.of(v));
        }
        return Math.max(0, sampling.minP() * largest * (1 - 2 * error));
    }

    /** Masses from a bound on, largest first: what cannot be kept is not sorted. */
    private static double[] descending(TokenMasses masses, double bound) {
        double[] found = new double[masses.size()];
        int n = 0;
        for (int v = 0; v < found.length; v++) {
            if (masses.of(v) >= bound) {
                found[n++] = masses.of(v);
            }
        }
        Arrays.sort(found, 0, n);
        double[] descending = new double[n];
        for (int i = 0; i < n; i++) {
            descending[i] = found[n - 1 - i];
        }
        return descending;
    }

    /** How many of the largest reach a sum: at least one, at most so many. */
    private static int reaching(double[] descending, double needed, int most) {
        double sum = 0;
        for (int i = 0; i < most; i++) {
            sum += descending[i];
            if (sum >= needed) {
                return i + 1;
            }
        }
        return most;
    }

    private static int above(double[] descending, double mass) {
        int above = 0;
        while (descending[above] > mass) {
            above++;
        }
        return above;
    }

    private static double sum(double[] x, int to) {
        double sum = 0;
        for (int i = 0; i < to; i++) {
            sum += x[i];
        }
        return sum;
    }
}
