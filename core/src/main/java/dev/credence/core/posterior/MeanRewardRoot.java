package dev.credence.core.posterior;

/**
 * The copies λ at which a tilt family reaches a mean reward: the one root of a mean that grows with λ
 * (docs/theory.md#the-ledger). The caller sums over its own texts and prompts.
 */
public final class MeanRewardRoot {
    private static final int MAX_STEPS = 200;
    /** Newton's error after a step this small (relative) is its square: below rounding. */
    private static final double TOLERANCE = 1e-9;

    private MeanRewardRoot() {}

    /**
     * Where the tilt by some λ has its reward.
     *
     * @param toMax mean distance from the largest reward of a prompt
     * @param toMin mean distance from the smallest
     * @param variance mean variance within prompts
     */
    public record RewardSpread(double toMax, double toMin, double variance) {}

    /** A family of tilts of one prior. */
    @FunctionalInterface
    public interface Family {
        /**
         * Sums over the texts.
         *
         * @param lambda copies, finite
         * @return where that tilt has its reward
         */
        RewardSpread at(double lambda);
    }

    /**
     * Newton's method on the log-odds of the mean between the extremes, which is nearly straight in λ (exactly so for two
     * rewards), kept inside the bracket that the signs have shown so far. Distances are from either extreme, so that a mean
     * next to one of them loses no digits.
     *
     * @param family the tilts
     * @param toMax wanted mean distance from the largest reward, above 0
     * @param toMin wanted mean distance from the smallest, above 0
     * @param range mean distance between the two
     * @param start a first guess
     * @return λ
     */
    public static double solve(Family family, double toMax, double toMin, double range, double start) {
        double unit = 1 / range;
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.POSITIVE_INFINITY;
        double lambda = start;
        for (int step = 0; step < MAX_STEPS; step++) {
            RewardSpread now = family.at(lambda);
            double odds = lambda >= 0
                    ? Math.log(now.toMax / toMax * (toMin / now.toMin))
                    : -Math.log(now.toMin / toMin * (toMax / now.toMax)); // above 0 where λ is too small
            if (odds == 0) {
                return lambda;
            }
            if (odds < 0) {
                high = lambda;
            } else {
                low = lambda;
            }
            double proposal = lambda + odds * now.toMax * now.toMin / (range * now.variance);
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
