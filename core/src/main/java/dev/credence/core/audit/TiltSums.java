package dev.credence.core.audit;

import java.io.Serializable;

/**
 * The sums that a tilt ū e^{λd} needs, with d the reward's distance from the extreme that λ leans to (so that no
 * exponential overflows): of 1, d, d², d³ and of ℓ, dℓ, d²ℓ.
 *
 * @param extreme the reward that d is measured from: the largest for λ ≥ 0, else the smallest
 * @param one Σ e
 * @param d Σ e d
 * @param d2 Σ e d²
 * @param d3 Σ e d³
 * @param l Σ e ℓ
 * @param dl Σ e d ℓ
 * @param d2l Σ e d² ℓ
 * @param far Σ e times the reward's distance from the other extreme, ≥ 0
 * @serial exclude
 */
record TiltSums(double extreme, double one, double d, double d2, double d3, double l, double dl, double d2l, double far)
        implements Serializable {
    private static final int ONE = 0;
    private static final int D = 1;
    private static final int D2 = 2;
    private static final int D3 = 3;
    private static final int L = 4;
    private static final int DL = 5;
    private static final int D2L = 6;
    private static final int FAR = 7;
    private static final int SUMS = 8;

    static TiltSums of(Atoms atoms, AtomMoments moments, double lambda) {
        double extreme = lambda >= 0 ? moments.maxReward() : moments.minReward();
        double other = lambda >= 0 ? moments.minReward() : moments.maxReward();
        LevelSums levels = moments.levels();
        double[] s = levels == null
                ? atoms.sum(SUMS, (block, sums) -> addRecords(block, lambda, extreme, other, sums))
                : addLevels(levels, lambda, extreme, other);
        if (extreme == other) { // of a constant reward every member is the prior itself, and not its rounding
            s[ONE] = 1;
        }
        return new TiltSums(extreme, s[ONE], s[D], s[D2], s[D3], s[L], s[DL], s[D2L], s[FAR]);
    }

    private static void addRecords(AtomBlock block, double lambda, double extreme, double other, double[] sums) {
        double one = sums[ONE]; // locals: sums in an array would be written and read back at every record
        double d = sums[D];
        double d2 = sums[D2];
        double d3 = sums[D3];
        double l = sums[L];
        double dl = sums[DL];
        double d2l = sums[D2L];
        double far = sums[FAR];
        for (int i = 0; i < block.count; i++) {
            double distance = block.reward[i] - extreme;
            double e = block.u[i] * Math.exp(lambda * distance);
            double ed = e * distance;
            double el = e * (block.isSupported(i) ? block.logRatio[i] : 0);
            double eld = el * distance;
            one += e;
            d += ed;
            d2 += ed * distance;
            d3 += ed * distance * distance;
            l += el;
            dl += eld;
            d2l += eld * distance;
            far += e * Math.abs(block.reward[i] - other);
        }
        sums[ONE] = one;
        sums[D] = d;
        sums[D2] = d2;
        sums[D3] = d3;
        sums[L] = l;
        sums[DL] = dl;
        sums[D2L] = d2l;
        sums[FAR] = far;
    }

    private static double[] addLevels(LevelSums levels, double lambda, double extreme, double other) {
        double[] sums = new double[SUMS];
        for (int k = 0; k < levels.size(); k++) {
            double distance = levels.reward()[k] - extreme;
            double factor = Math.exp(lambda * distance);
            add(sums, levels.mass()[k] * factor, levels.logRatio()[k] * factor, distance);
            sums[FAR] += levels.mass()[k] * factor * Math.abs(levels.reward()[k] - other);
        }
        return sums;
    }

    private static void add(double[] sums, double e, double el, double distance) {
        sums[ONE] += e;
        sums[D] += e * distance;
        sums[D2] += e * distance * distance;
        sums[D3] += e * distance * distance * distance;
        sums[L] += el;
        sums[DL] += el * distance;
        sums[D2L] += el * distance * distance;
    }

    /** Mean of d. */
    double mean() {
        return d / one;
    }

    /** Variance of d. */
    double variance() {
        return Math.max(0, d2 / one - mean() * mean());
    }

    /** Covariance of d and ℓ. */
    double covariance() {
        return dl / one - mean() * l / one;
    }

    /** E (d − Ed)³. */
    double thirdMoment() {
        double m = mean();
        return d3 / one - 3 * m * d2 / one + 2 * m * m * m;
    }

    /** E (d − Ed)²(ℓ − Eℓ). */
    double thirdMixed() {
        double m = mean();
        return d2l / one - 2 * m * dl / one + m * m * l / one - variance() * l / one;
    }
}
