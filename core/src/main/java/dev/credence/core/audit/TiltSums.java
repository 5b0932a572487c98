package dev.credence.core.audit;

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
 */
record TiltSums(
        double extreme, double one, double d, double d2, double d3, double l, double dl, double d2l, double far) {

    static TiltSums of(Atoms atoms, AtomMoments moments, double lambda) {
        double extreme = lambda >= 0 ? moments.maxReward() : moments.minReward();
        double other = lambda >= 0 ? moments.minReward() : moments.maxReward();
        LevelSums levels = moments.levels();
        double[] s = levels == null
                ? atoms.sum(8, (block, sums) -> addRecords(block, lambda, extreme, other, sums))
                : addLevels(levels, lambda, extreme, other);
        return new TiltSums(extreme, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    }

    private static void addRecords(AtomBlock block, double lambda, double extreme, double other, double[] sums) {
        double one = sums[0]; // locals: sums in an array would be written and read back at every record
        double d = sums[1];
        double d2 = sums[2];
        double d3 = sums[3];
        double l = sums[4];
        double dl = sums[5];
        double d2l = sums[6];
        double far = sums[7];
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
        sums[0] = one;
        sums[1] = d;
        sums[2] = d2;
        sums[3] = d3;
        sums[4] = l;
        sums[5] = dl;
        sums[6] = d2l;
        sums[7] = far;
    }

    private static double[] addLevels(LevelSums levels, double lambda, double extreme, double other) {
        double[] sums = new double[8];
        for (int k = 0; k < levels.size(); k++) {
            double distance = levels.reward()[k] - extreme;
            double factor = Math.exp(lambda * distance);
            add(sums, levels.mass()[k] * factor, levels.logRatio()[k] * factor, distance);
            sums[7] += levels.mass()[k] * factor * Math.abs(levels.reward()[k] - other);
        }
        return sums;
    }

    private static void add(double[] sums, double e, double el, double distance) {
        sums[0] += e;
        sums[1] += e * distance;
        sums[2] += e * distance * distance;
        sums[3] += e * distance * distance * distance;
        sums[4] += el;
        sums[5] += el * distance;
        sums[6] += el * distance * distance;
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
