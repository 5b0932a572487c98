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

    static final AdaptiveKl NONE = new AdaptiveKl(Double.POSITIVE_INFINITY);

    double next(double beta, double kl) {
        if (target == Double.POSITIVE_INFINITY) {
            return beta;
        }
        double excess = Math.max(-MOST, Math.min(MOST, kl / target - 1));
        return beta * (1 + GAIN * excess);
    }
}
