package dev.credence.methods.training;

/**
 * A KL coefficient that follows a target, as Ziegler et al. 2019: β grows by a tenth of the relative excess, itself cut at
 * ±0.2, each step.
 *
 * @param target nats a text, or ∞ for a coefficient that stays
 */
record AdaptiveKl(double target) {
    private static final double GAIN = 0.1;
    private static final double MOST = 0.2;
    private static final double SETTLED = 1e-14;
    private static final double VANISHED = 1e-12;

    static final AdaptiveKl NONE = new AdaptiveKl(Double.POSITIVE_INFINITY);

    double next(double beta, double kl) {
        if (target == Double.POSITIVE_INFINITY) {
            return beta;
        }
        double excess = Math.max(-MOST, Math.min(MOST, kl / target - 1));
        return beta * (1 + GAIN * excess);
    }

    /**
     * The coefficient that a search begins with: one whose limit is nearer than the target, as KL(λ) ≤ (λ·range)²/8, so that no
     * text is driven out of doubles' reach on the way to it.
     */
    double first(double beta, double range) {
        return isSteady() ? beta : Math.max(beta, range / Math.sqrt(8 * target));
    }

    /** Whether the coefficient stays. */
    boolean isSteady() {
        return target == Double.POSITIVE_INFINITY;
    }

    /**
     * The coefficient that is tried next where each is run to its limit, whose KL falls in it.
     *
     * @param bracket a coefficient whose limit is further than the target, and one whose limit is nearer; changed
     * @param beta the one that was tried
     * @param kl of its limit
     * @return twice or half as much until there are both, then one between them
     */
    double next(double[] bracket, double beta, double kl) {
        bracket[kl > target ? 0 : 1] = beta;
        return bracket[0] == 0
                ? beta / 2
                : bracket[1] == Double.POSITIVE_INFINITY ? beta * 2 : Math.sqrt(bracket[0]) * Math.sqrt(bracket[1]);
    }

    /** Whether there is nothing left between, or no coefficient goes so far. */
    boolean isSettled(double[] bracket) {
        return isSteady() || bracket[1] <= bracket[0] * (1 + SETTLED) || bracket[1] < VANISHED;
    }
}
