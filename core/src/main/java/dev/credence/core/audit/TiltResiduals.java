package dev.credence.core.audit;

/**
 * How one prompt of an exact table lies about a member π*_λ of the tilt family: moments about the tilt's own mean M of
 * z = ln v̄/w̄ (the log-ratio less λr and a constant), in which nothing large cancels. Next to a member of the family z is
 * next to nothing, and so is the rounding of what it is multiplied with.
 *
 * @param variance Σ w̄ (r − M)²
 * @param excess Σ (v̄ − w̄)(r − M): how much more reward the policy has
 * @param covariance Σ w̄ (r − M)(z − mean z)
 * @param third Σ w̄ (r − M)²(z − mean z)
 */
record TiltResiduals(double variance, double excess, double covariance, double third) {
    private static final int MEAN = 0; // the only sum of the first pass

    private static final int VARIANCE = 0;
    private static final int EXCESS = 1;
    private static final int COVARIANCE = 2;
    private static final int THIRD = 3;
    private static final int SUMS = 4;

    /** At a tilt; covariances are of what the policy supports. */
    static TiltResiduals of(Atoms atoms, AtomTilt tilt) {
        double mean = sum(
                atoms, tilt, 1, (block, i, w, z, sums) -> sums[MEAN] += z > Double.NEGATIVE_INFINITY ? w * z : 0)[MEAN];
        double[] s = sum(atoms, tilt, SUMS, (block, i, w, z, sums) -> {
            double d = block.reward[i] - tilt.mean();
            sums[VARIANCE] += w * d * d;
            sums[EXCESS] += d * (z > 0 ? -block.v[i] * Math.expm1(-z) : w * Math.expm1(z)); // v̄ − w̄
            if (z > Double.NEGATIVE_INFINITY) {
                sums[COVARIANCE] += w * d * (z - mean);
                sums[THIRD] += w * d * d * (z - mean);
            }
        });
        return new TiltResiduals(s[VARIANCE], s[EXCESS], s[COVARIANCE], s[THIRD]);
    }

    /** Adds one atom. */
    private interface Atom {
        void add(AtomBlock block, int i, double w, double z, double[] sums);
    }

    private static double[] sum(Atoms atoms, AtomTilt tilt, int width, Atom atom) {
        return atoms.sum(width, () -> {
            double[] logWeights = new double[atoms.blockSize()];
            double[] weights = new double[atoms.blockSize()];
            return (block, sums) -> {
                tilt.weigh(block, logWeights, weights);
                for (int i = 0; i < block.count; i++) {
                    atom.add(block, i, weights[i], block.logRatio[i] - logWeights[i], sums);
                }
            };
        });
    }
}
