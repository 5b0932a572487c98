package dev.credence.core.audit;

import java.io.Serializable;
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
 * @serial exclude
 */
record AtomMoments(
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
        @Nullable LevelSums levels)
        implements Serializable {
    // Positions of the first sums.
    private static final int PRIOR_REWARD = 0;
    private static final int PRIOR_RATIO = 1;
    private static final int POLICY_REWARD = 2;
    private static final int POLICY_RATIO = 3;
    private static final int PRIOR_ENTROPY = 4;
    private static final int POLICY_ENTROPY = 5;
    private static final int SQUARES = 6;
    private static final int LOST = 7;
    private static final int GAP_TO_MOST = 8;
    private static final int BELOW_MOST = 9;
    private static final int MEANS = 10;

    // Positions of the second sums.
    private static final int PRIOR_VARIANCE = 0;
    private static final int PRIOR_COVARIANCE = 1;
    private static final int POLICY_VARIANCE = 2;
    private static final int POLICY_COVARIANCE = 3;
    private static final int PRIOR_RATIO_VARIANCE = 4;
    private static final int POLICY_RATIO_VARIANCE = 5;
    private static final int SPREADS = 6;

    /**
     * First and second moments of reward r and log-ratio ℓ under one weighting.
     *
     * @param reward mean of r
     * @param logRatio mean of ℓ
     * @param variance of r
     * @param covariance of r and ℓ
     * @param ratioVariance of ℓ
     * @serial exclude
     */
    record Pair(double reward, double logRatio, double variance, double covariance, double ratioVariance)
            implements Serializable {
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

    /** The same without the sums by reward, which only a tilt of the records needs. */
    AtomMoments withoutLevels() {
        return new AtomMoments(
                prior,
                policy,
                mixture,
                klPolicyPrior,
                klPriorPolicy,
                entropyPrior,
                entropyPolicy,
                essPrior,
                minReward,
                maxReward,
                lostMass,
                gapToMax,
                gapToMin,
                policyRecordsBelowMax,
                null);
    }

    static AtomMoments of(Atoms atoms) {
        Intervals.Limits range = atoms.limits((block, i) -> block.u[i] > 0 ? block.reward[i] : Double.NaN);
        double[] s = atoms.sum(MEANS, (block, sums) -> addMeans(block, range, sums));
        double[] means = {
            range.lower() + s[PRIOR_REWARD], s[PRIOR_RATIO], range.lower() + s[POLICY_REWARD], s[POLICY_RATIO]
        };
        double[] t = atoms.sum(SPREADS, (block, sums) -> addSpreads(block, means, sums));
        Pair prior = new Pair(
                means[PRIOR_REWARD],
                means[PRIOR_RATIO],
                t[PRIOR_VARIANCE],
                t[PRIOR_COVARIANCE],
                t[PRIOR_RATIO_VARIANCE]);
        Pair policy = new Pair(
                means[POLICY_REWARD],
                means[POLICY_RATIO],
                t[POLICY_VARIANCE],
                t[POLICY_COVARIANCE],
                t[POLICY_RATIO_VARIANCE]);
        double lost = s[LOST];
        return new AtomMoments(
                prior,
                policy,
                Pair.mixture(prior, policy),
                atoms.strata() == 0 ? KlTerm.policyPrior(atoms) : s[POLICY_RATIO],
                lost > 0 ? Double.POSITIVE_INFINITY : -s[PRIOR_RATIO],
                s[PRIOR_ENTROPY],
                s[POLICY_ENTROPY],
                1 / s[SQUARES],
                range.lower(),
                range.upper(),
                lost,
                s[GAP_TO_MOST],
                s[POLICY_REWARD],
                (int) s[BELOW_MOST],
                LevelSums.of(atoms));
    }

    /** Means of r − min and ℓ under ū and v̄, entropies, Σū², lost mass, the gap to the largest reward. */
    private static void addMeans(AtomBlock block, Intervals.Limits range, double[] sums) {
        for (int i = 0; i < block.count; i++) {
            double u = block.u[i];
            double v = block.v[i];
            double r = block.reward[i] - range.lower();
            sums[PRIOR_REWARD] += u * r;
            sums[PRIOR_ENTROPY] -= u * block.logPrior[i];
            sums[SQUARES] += u * u;
            sums[BELOW_MOST] += block.stratum[i] == RolloutLog.POLICY && block.reward[i] < range.upper() ? 1 : 0;
            if (block.isSupported(i)) {
                sums[PRIOR_RATIO] += u * block.logRatio[i];
                sums[POLICY_REWARD] += v * r;
                sums[POLICY_RATIO] += v * block.logRatio[i];
                sums[POLICY_ENTROPY] -= v * block.logPolicy[i];
                sums[GAP_TO_MOST] += v * (range.upper() - block.reward[i]);
            } else {
                sums[LOST] += u;
            }
        }
    }

    /** Variances of r and ℓ and their covariance, under ū and v̄. */
    private static void addSpreads(AtomBlock block, double[] means, double[] sums) {
        for (int i = 0; i < block.count; i++) {
            double fromPrior = block.reward[i] - means[PRIOR_REWARD];
            sums[PRIOR_VARIANCE] += block.u[i] * fromPrior * fromPrior;
            if (block.isSupported(i)) {
                double fromPolicy = block.reward[i] - means[POLICY_REWARD];
                double ratioFromPrior = block.logRatio[i] - means[PRIOR_RATIO];
                double ratioFromPolicy = block.logRatio[i] - means[POLICY_RATIO];
                sums[PRIOR_COVARIANCE] += block.u[i] * fromPrior * ratioFromPrior;
                sums[PRIOR_RATIO_VARIANCE] += block.u[i] * ratioFromPrior * ratioFromPrior;
                sums[POLICY_VARIANCE] += block.v[i] * fromPolicy * fromPolicy;
                sums[POLICY_COVARIANCE] += block.v[i] * fromPolicy * ratioFromPolicy;
                sums[POLICY_RATIO_VARIANCE] += block.v[i] * ratioFromPolicy * ratioFromPolicy;
            }
        }
    }
}
