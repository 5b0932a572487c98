package dev.credence.core.audit;

import dev.credence.core.posterior.MeanRewardRoot;

/**
 * The copies λ at which the tilt family reaches the policy's reward: Σ ω Σ w̄ r = Σ ω Σ v̄ r. It is the maximum-likelihood
 * λ and the minimiser of KL(π‖π*_λ) (docs/theory.md#the-ledger); the left side grows with λ, so the root is unique.
 */
final class MomentMatch {
    private static final int POLISH_STEPS = 3;

    private MomentMatch() {}

    /**
     * Solves for λ.
     *
     * @return copies; ±∞ if the policy has nothing but the largest (smallest) reward of each prompt; NaN if no prompt's
     *     reward varies
     */
    static double solve(PromptPool pool) {
        double varying = pool.mean(m -> m.moments().maxReward() - m.moments().minReward());
        if (!(varying > 0)) {
            return Double.NaN;
        }
        double toMax = pool.mean(m -> m.moments().gapToMax());
        if (toMax == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double toMin = pool.mean(m -> m.moments().gapToMin());
        if (toMin == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        double lambda = MeanRewardRoot.solve(at -> moments(pool, at), toMax, toMin, varying, start(pool));
        return pool.isExact() ? polished(pool, lambda) : lambda;
    }

    /** Newton's last steps by sums that keep their digits where the policy's reward hardly depends on λ. */
    private static double polished(PromptPool pool, double lambda) {
        double best = lambda;
        for (int step = 0; step < POLISH_STEPS; step++) {
            AtomTilt[] tilts = pool.tilts(best);
            double excess = 0;
            double variance = 0;
            for (int c = 0; c < tilts.length; c++) {
                TiltResiduals own = TiltResiduals.of(pool.members().get(c).atoms(), tilts[c]);
                excess += pool.weight(c) * own.excess();
                variance += pool.weight(c) * own.variance();
            }
            double change = excess / variance;
            if (!(Math.abs(change) <= Math.max(Math.abs(best), 1e-9))) {
                return best; // too far for a last step, or no variance to divide by
            }
            best += change;
        }
        return best;
    }

    private static double start(PromptPool pool) {
        double slope = pool.mean(m -> m.moments().mixture().covariance())
                / pool.mean(m -> m.moments().mixture().variance());
        return Math.abs(slope) < Double.POSITIVE_INFINITY ? slope : 0;
    }

    private static MeanRewardRoot.RewardSpread moments(PromptPool pool, double lambda) {
        double near = 0; // of the tilt's mean from the extreme reward on λ's side
        double far = 0; // and from the other
        double variance = 0;
        double sign = lambda >= 0 ? 1 : -1;
        TiltSums[] sums = pool.tiltSums(lambda);
        for (int c = 0; c < sums.length; c++) {
            near -= sign * pool.weight(c) * sums[c].mean();
            far += pool.weight(c) * sums[c].far() / sums[c].one();
            variance += pool.weight(c) * sums[c].variance();
        }
        return lambda >= 0
                ? new MeanRewardRoot.RewardSpread(near, far, variance)
                : new MeanRewardRoot.RewardSpread(far, near, variance);
    }
}
