package dev.credence.core.audit;

/**
 * The copies λ at which the tilt family reaches the policy's reward: Σ ω Σ w̄ r = Σ ω Σ v̄ r. It is the maximum-likelihood
 * λ and the minimiser of KL(π‖π*_λ) (THEORY §3); the left side grows with λ, so the root is unique.
 */
final class MomentMatch {
    private static final int MAX_STEPS = 200;
    /** Newton's error after a step this small (relative) is its square: below rounding. */
    private static final double TOLERANCE = 1e-9;

    private MomentMatch() {}

    /**
     * Solves for λ.
     *
     * @return copies; ±∞ if the policy has nothing but the largest (smallest) reward of each prompt; NaN if no prompt's
     *     reward varies
     */
    static double solve(Pool pool) {
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
        return newton(pool, start(pool), 1 / varying);
    }

    private static double start(Pool pool) {
        double slope = pool.mean(m -> m.moments().mixture().covariance())
                / pool.mean(m -> m.moments().mixture().variance());
        return Math.abs(slope) < Double.POSITIVE_INFINITY ? slope : 0;
    }

    /**
     * Newton's method on the log-odds of the mean between the extremes, which is nearly straight in λ (exactly so for two
     * rewards), kept inside the bracket that the signs have shown so far. Distances are taken from the extreme that λ
     * leans to, so that a policy next to it loses no digits.
     */
    private static double newton(Pool pool, double start, double unit) {
        double range = 1 / unit;
        double toMax = pool.mean(m -> m.moments().gapToMax());
        double toMin = pool.mean(m -> m.moments().gapToMin());
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.POSITIVE_INFINITY;
        double lambda = start;
        for (int step = 0; step < MAX_STEPS; step++) {
            double sign = lambda >= 0 ? 1 : -1;
            double wanted = lambda >= 0 ? toMax : toMin;
            double distance = 0; // of the tilt's mean from its extreme
            double variance = 0;
            TiltSums[] sums = pool.tiltSums(lambda);
            for (int c = 0; c < sums.length; c++) {
                distance -= sign * pool.weight(c) * sums[c].mean();
                variance += pool.weight(c) * sums[c].variance();
            }
            if (distance == wanted) {
                return lambda;
            }
            if (sign * (distance - wanted) < 0) {
                high = lambda;
            } else {
                low = lambda;
            }
            double odds = sign * Math.log(distance / wanted * ((range - wanted) / (range - distance)));
            double proposal = lambda + odds * distance * (range - distance) / (range * variance);
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
