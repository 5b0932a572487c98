package dev.credence.core.audit;

/**
 * The member π*_λ of one prompt's tilt family: ln w̄/ū = λ r − κ(λ). At λ = ±∞ it is the prior restricted to the
 * largest (smallest) reward.
 *
 * @param lambda copies
 * @param logZ κ(λ) = log Σ ū e^{λr}, nats; at λ = ±∞ the log prior mass of the extreme reward, with {@code extreme} its value
 * @param mean Σ w̄ r
 * @param variance Σ w̄ (r − mean)²
 * @param extreme the reward that the weights are measured from: the largest for λ ≥ 0, else the smallest
 */
record Tilt(double lambda, double logZ, double mean, double variance, double extreme) {

    static Tilt of(Atoms atoms, Moments moments, double lambda) {
        double extreme = lambda >= 0 ? moments.maxReward() : moments.minReward();
        if (Double.isInfinite(lambda)) {
            double mass = atoms.sum(1, (block, sums) -> {
                for (int i = 0; i < block.count; i++) {
                    sums[0] += block.reward[i] == extreme ? block.u[i] : 0;
                }
            })[0];
            return new Tilt(lambda, Math.log(mass), extreme, 0, extreme);
        }
        return of(lambda, TiltSums.of(atoms, moments, lambda));
    }

    static Tilt of(double lambda, TiltSums sums) {
        return new Tilt(
                lambda,
                Math.log(sums.one()) + lambda * sums.extreme(),
                sums.extreme() + sums.mean(),
                sums.variance(),
                sums.extreme());
    }

    /** ln w̄/ū of an atom, nats; −∞ outside the support of an infinite tilt. */
    double logWeight(double reward) {
        if (Double.isInfinite(lambda)) {
            return reward == extreme ? -logZ : Double.NEGATIVE_INFINITY;
        }
        return lambda * reward - logZ;
    }

    /** Writes w̄ of a block's atoms. */
    void weigh(Block block, double[] into) {
        double[] u = block.u;
        double[] reward = block.reward;
        if (Double.isInfinite(lambda)) {
            for (int i = 0; i < block.count; i++) {
                into[i] = reward[i] == extreme ? u[i] * Math.exp(-logZ) : 0;
            }
            return;
        }
        for (int i = 0; i < block.count; i++) {
            into[i] = u[i] * Math.exp(lambda * reward[i] - logZ);
        }
    }

    /** KL(π*_λ‖π0), nats. */
    double klToPrior() {
        return Double.isInfinite(lambda) ? -logZ : lambda * mean - logZ;
    }

    /** log Z(λ) as it is reported: infinite at λ = ∞. */
    double reportedLogZ() {
        return Double.isInfinite(lambda) ? Double.POSITIVE_INFINITY : logZ;
    }
}
