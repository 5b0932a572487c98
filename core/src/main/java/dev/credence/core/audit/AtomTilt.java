package dev.credence.core.audit;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The member π*_λ of one prompt's tilt family: ln w̄/ū = λ r − κ(λ). At λ = ±∞ it is the prior restricted to the
 * largest (smallest) reward.
 *
 * @param lambda copies
 * @param logZ κ(λ) = log Σ ū e^{λr}, nats; at λ = ±∞ the log prior mass of the extreme reward, with {@code extreme} its value
 * @param mean Σ w̄ r
 * @param variance Σ w̄ (r − mean)²
 * @param extreme the reward that the weights are measured from: the largest for λ ≥ 0, else the smallest
 * @param logSum log Σ ū e^{λ(r − extreme)}, nats: what is far from zero keeps no digits from λ r − κ
 * @param byLevel (levels) w̄/ū by reward, or null where rewards are too many: then each atom takes an exponential
 * @serial exclude
 */
record AtomTilt(
        double lambda,
        double logZ,
        double mean,
        double variance,
        double extreme,
        double logSum,
        double @Nullable [] byLevel)
        implements Conditional, Serializable {

    static AtomTilt of(Atoms atoms, AtomMoments moments, double lambda) {
        double extreme = lambda >= 0 ? moments.maxReward() : moments.minReward();
        if (Double.isInfinite(lambda)) {
            double mass = atoms.sum(1, (block, sums) -> {
                for (int i = 0; i < block.count; i++) {
                    sums[0] += block.reward[i] == extreme ? block.u[i] : 0;
                }
            })[0];
            return new AtomTilt(lambda, Math.log(mass), extreme, 0, extreme, Math.log(mass), null)
                    .indexed(moments.levels());
        }
        return of(lambda, TiltSums.of(atoms, moments, lambda), moments.levels());
    }

    static AtomTilt of(double lambda, TiltSums sums, @Nullable LevelSums levels) {
        return new AtomTilt(
                        lambda,
                        Math.log(sums.one()) + lambda * sums.extreme(),
                        sums.extreme() + sums.mean(),
                        sums.variance(),
                        sums.extreme(),
                        Math.log(sums.one()),
                        null)
                .indexed(levels);
    }

    private AtomTilt indexed(@Nullable LevelSums levels) {
        if (levels == null) {
            return this;
        }
        double[] factors = new double[levels.size()];
        for (int k = 0; k < factors.length; k++) {
            factors[k] = Math.exp(logWeight(levels.reward()[k]));
        }
        return new AtomTilt(lambda, logZ, mean, variance, extreme, logSum, factors);
    }

    /** What a process needs of it that does not hold the records. */
    AtomTilt told() {
        return new AtomTilt(lambda, logZ, mean, variance, extreme, logSum, null);
    }

    /** The same with a variance that was summed about the mean. */
    AtomTilt withVariance(double aboutMean) {
        return new AtomTilt(lambda, logZ, mean, aboutMean, extreme, logSum, byLevel);
    }

    /** ln w̄/ū of an atom, nats; −∞ outside the support of an infinite tilt. */
    double logWeight(double reward) {
        if (Double.isInfinite(lambda)) {
            return reward == extreme ? -logZ : Double.NEGATIVE_INFINITY;
        }
        return lambda * (reward - extreme) - logSum;
    }

    @Override
    public void weigh(AtomBlock block, double[] logWeights, double[] weights) {
        double[] reward = block.reward;
        if (Double.isInfinite(lambda)) {
            for (int i = 0; i < block.count; i++) {
                logWeights[i] = logWeight(reward[i]);
            }
        } else {
            double slope = lambda;
            double from = extreme;
            double shift = logSum;
            for (int i = 0; i < block.count; i++) {
                logWeights[i] = slope * (reward[i] - from) - shift;
            }
        }
        weigh(block, weights);
    }

    /** Writes w̄ of a block's atoms. */
    void weigh(AtomBlock block, double[] weights) {
        double[] u = block.u;
        double[] factors = byLevel;
        if (factors == null) {
            for (int i = 0; i < block.count; i++) {
                weights[i] = u[i] * Math.exp(logWeight(block.reward[i]));
            }
        } else {
            short[] level = block.level;
            for (int i = 0; i < block.count; i++) {
                weights[i] = u[i] * factors[level[i]];
            }
        }
    }

    /** KL(π*_λ‖π0), nats. */
    double klToPrior() {
        return Double.isInfinite(lambda) ? -logZ : lambda * (mean - extreme) - logSum;
    }

    /** log Z(λ) as it is reported: infinite at λ = ∞. */
    double reportedLogZ() {
        return Double.isInfinite(lambda) ? Double.POSITIVE_INFINITY : logZ;
    }
}
