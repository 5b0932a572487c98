package dev.credence.core.audit;

/**
 * The copies λ at which the tilt family reaches the policy's reward: Σ ω Σ w̄ r = Σ ω Σ v̄ r. It is the maximum-likelihood
 * λ and the minimiser of KL(π‖π*_λ) (docs/theory.md#the-ledger); the left side grows with λ, so the root is unique.
 */
final class MomentMatch {
    private static final int MAX_STEPS = 200;
    private static final int POLISH_STEPS = 3;
    /** Newton's error after a step this small (relative) is its square: below rounding. */
    private static final double TOLERANCE = 1e-9;

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
        if (pool.mean(m -> m.moments().gapToMax()) == 0) {
            return Double.POSITIVE_INFINITY;
        }
        if (pool.mean(m -> m.moments().gapToMin()) == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        double lambda = newton(pool, start(pool), 1 / varying);
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

    /**
     * Newton's method on the log-odds of the mean between the extremes, which is nearly straight in λ (exactly so for two
     * rewards), kept inside the bracket that the signs have shown so far. Distances are summed from either extreme, so that
     * a policy next to one of them loses no digits.
     */
    private static double newton(PromptPool pool, double start, double unit) {
        double range = 1 / unit;
        double toMax = pool.mean(m -> m.moments().gapToMax());
        double toMin = pool.mean(m -> m.moments().gapToMin());
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.POSITIVE_INFINITY;
        double lambda = start;
        for (int step = 0; step < MAX_STEPS; step++) {
            double sign = lambda >= 0 ? 1 : -1;
            double wanted = lambda >= 0 ? toMax : toMin;
            double rest = lambda >= 0 ? toMin : toMax;
            double distance = 0; // of the tilt's mean from its extreme
            double far = 0; // and from the other
            double variance = 0;
            TiltSums[] sums = pool.tiltSums(lambda);
            for (int c = 0; c < sums.length; c++) {
                distance -= sign * pool.weight(c) * sums[c].mean();
                far += pool.weight(c) * sums[c].far() / sums[c].one();
                variance += pool.weight(c) * sums[c].variance();
            }
            double odds = sign * Math.log(distance / wanted * (rest / far)); // above 0 where λ is too small
            if (odds == 0) {
                return lambda;
            }
            if (odds < 0) {
                high = lambda;
            } else {
                low = lambda;
            }
            double proposal = lambda + odds * distance * far / (range * variance);
            if (Math.abs(proposal - lambda) <= TOLERANCE * Math.abs(lambda)) {
                return proposal;
            }
            lambda = next(lambda, proposal, low, high, unit);
        }
        return lambda;
    }

    private static double next(double lambda, double proposal, double low, double high, double unit) {
        if (proposal > low && proposal < high && Math.abs(proposal) < Double.POSITIVE_INFINITY) {
            return proposal;
        }
        if (high == Double.POSITIVE_INFINITY) {
            return lambda + 2 * Math.max(Math.abs(lambda), unit);
        }
        if (low == Double.NEGATIVE_INFINITY) {
            return lambda - 2 * Math.max(Math.abs(lambda), unit);
        }
        return 0.5 * (low + high);
    }
}
