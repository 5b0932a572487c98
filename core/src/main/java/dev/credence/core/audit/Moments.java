package dev.credence.core.audit;

import org.jspecify.annotations.Nullable;

/**
 * What one pass over a prompt's atoms yields before any λ: means and second moments of reward and log-ratio under prior,
 * policy and their equal mixture, divergences and entropies. All in nats and reward units.
 *
 * @param prior moments under ū
 * @param policy moments under v̄
 * @param mixture moments under ½ū + ½v̄
 * @param klPolicyPrior Σ v̄ ln(v̄/ū)
 * @param klPriorPolicy Σ ū ln(ū/v̄), infinite where the policy gives an atom nothing
 * @param entropyPrior −Σ ū log π0
 * @param entropyPolicy −Σ v̄ log π
 * @param essPrior 1/Σ ū²
 * @param minReward over atoms with ū &gt; 0
 * @param maxReward over atoms with ū &gt; 0
 * @param lostMass Σ ū over atoms that the policy gives nothing
 * @param gapToMax Σ v̄ (maxReward − r): zero only if the policy has nothing but the largest reward
 * @param gapToMin Σ v̄ (r − minReward)
 * @param policyRecordsBelowMax how many records of the policy have less than the largest reward
 * @param levels the atoms summed by reward, or null where rewards are too many
 */
record Moments(
        Pair prior,
        Pair policy,
        Pair mixture,
        double klPolicyPrior,
        double klPriorPolicy,
        double entropyPrior,
        double entropyPolicy,
        double essPrior,
        double minReward,
        double maxReward,
        double lostMass,
        double gapToMax,
        double gapToMin,
        int policyRecordsBelowMax,
        @Nullable RewardLevels levels) {
    /**
     * First and second moments of reward r and log-ratio ℓ under one weighting.
     *
     * @param reward mean of r
     * @param logRatio mean of ℓ
     * @param variance of r
     * @param covariance of r and ℓ
     * @param ratioVariance of ℓ
     */
    record Pair(double reward, double logRatio, double variance, double covariance, double ratioVariance) {
        /** Variance of ℓ − s r. */
        double residual(double slope) {
            return Double.isNaN(slope)
                    ? ratioVariance
                    : Math.max(0, ratioVariance - 2 * slope * covariance + slope * slope * variance);
        }

        /** The equal mixture of two weightings. */
        static Pair mixture(Pair a, Pair b) {
            double reward = 0.5 * (a.reward + b.reward);
            double logRatio = 0.5 * (a.logRatio + b.logRatio);
            double rewardGap = 0.5 * (a.reward - b.reward);
            double ratioGap = 0.5 * (a.logRatio - b.logRatio);
            return new Pair(
                    reward,
                    logRatio,
                    0.5 * (a.variance + b.variance) + rewardGap * rewardGap,
                    0.5 * (a.covariance + b.covariance) + rewardGap * ratioGap,
                    0.5 * (a.ratioVariance + b.ratioVariance) + ratioGap * ratioGap);
        }
    }

    static Moments of(Atoms atoms) {
        double[] range = range(atoms);
        double[] s = atoms.sum(10, (block, sums) -> addMeans(block, range, sums));
        double[] means = {range[0] + s[0], s[1], range[0] + s[2], s[3]};
        double[] t = atoms.sum(6, (block, sums) -> addSpreads(block, means, sums));
        Pair prior = new Pair(means[0], means[1], t[0], t[1], t[4]);
        Pair policy = new Pair(means[2], means[3], t[2], t[3], t[5]);
        double lost = s[7];
        return new Moments(
                prior,
                policy,
                Pair.mixture(prior, policy),
                atoms.strata() == 0 ? Gap.policyPrior(atoms) : s[3],
                lost > 0 ? Double.POSITIVE_INFINITY : -s[1],
                s[4],
                s[5],
                1 / s[6],
                range[0],
                range[1],
                lost,
                s[8],
                s[2],
                (int) s[9],
                RewardLevels.of(atoms));
    }

    private static double[] range(Atoms atoms) {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                if (block.u[i] > 0) {
                    range[0] = Math.min(range[0], block.reward[i]);
                    range[1] = Math.max(range[1], block.reward[i]);
                }
            }
        });
        return range;
    }

    /**
     * Sums: 0, 1 means of r − min and ℓ under ū; 2, 3 under v̄; 4, 5 entropies; 6 Σū²; 7 lost mass; 8 gap to max;
     * 9 policy records below it.
     */
    private static void addMeans(Block block, double[] range, double[] sums) {
        for (int i = 0; i < block.count; i++) {
            double u = block.u[i];
            double v = block.v[i];
            double r = block.reward[i] - range[0];
            sums[0] += u * r;
            sums[4] -= u * block.logPrior[i];
            sums[6] += u * u;
            sums[9] += block.stratum[i] == RolloutLog.POLICY && block.reward[i] < range[1] ? 1 : 0;
            if (block.isSupported(i)) {
                sums[1] += u * block.logRatio[i];
                sums[2] += v * r;
                sums[3] += v * block.logRatio[i];
                sums[5] -= v * block.logPolicy[i];
                sums[8] += v * (range[1] - block.reward[i]);
            } else {
                sums[7] += u;
            }
        }
    }

    /** Sums: 0, 1 variance of r and covariance with ℓ under ū; 2, 3 under v̄; 4, 5 variances of ℓ. */
    private static void addSpreads(Block block, double[] means, double[] sums) {
        for (int i = 0; i < block.count; i++) {
            double fromPrior = block.reward[i] - means[0];
            sums[0] += block.u[i] * fromPrior * fromPrior;
            if (block.isSupported(i)) {
                double fromPolicy = block.reward[i] - means[2];
                double ratioFromPrior = block.logRatio[i] - means[1];
                double ratioFromPolicy = block.logRatio[i] - means[3];
                sums[1] += block.u[i] * fromPrior * ratioFromPrior;
                sums[4] += block.u[i] * ratioFromPrior * ratioFromPrior;
                sums[2] += block.v[i] * fromPolicy * fromPolicy;
                sums[3] += block.v[i] * fromPolicy * ratioFromPolicy;
                sums[5] += block.v[i] * ratioFromPolicy * ratioFromPolicy;
            }
        }
    }
}
