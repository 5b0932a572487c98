package dev.credence.core.diagnostics;

/**
 * How far a reward of bounded range can move a prior at all, whatever prior and reward are: the log-ratio of posterior
 * to prior is at most R/β and KL(π*‖π0) ≤ min(R/β, R²/8β²) (Hoeffding's lemma), and the largest KL that a reward of
 * two values reaches.
 *
 * @param logRatio R/β, the largest evidence between two texts, nats
 */
public record RewardBound(double logRatio) {
    /**
     * The bounds for evidence of a known range.
     *
     * @param logRatio R/β, not negative, nats
     * @throws IllegalArgumentException if it is negative or NaN
     */
    public RewardBound {
        if (!(logRatio >= 0)) {
            throw new IllegalArgumentException("logRatio is " + logRatio + "; it must not be negative");
        }
    }

    /**
     * The bounds for a reward range and a KL coefficient.
     *
     * @param range R, largest minus smallest reward, finite and not negative
     * @param beta β, finite and positive
     * @return the bounds
     * @throws IllegalArgumentException if one is out of its range or NaN
     */
    public static RewardBound of(double range, double beta) {
        if (!(range >= 0 && range < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("range is " + range + "; it must be finite and not negative");
        }
        if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("beta is " + beta + "; it must be finite and positive");
        }
        return new RewardBound(range / beta);
    }

    /** {@return R²/8β², the bound on KL(π*‖π0) that is the smaller one for weak evidence, nats} */
    public double hoeffding() {
        return logRatio * logRatio / 8;
    }

    /** {@return min(R/β, R²/8β²), which KL(π*‖π0) does not exceed, nats} */
    public double kl() {
        return Math.min(logRatio, hoeffding());
    }

    /**
     * The prior share of good texts for which a reward of two values moves the prior furthest. With λ = R/β and m the
     * partition function 1 − a + a e^λ, the KL λ a e^λ/m − log m is stationary in a where m = λ/(1 − e^{−λ}).
     *
     * @return a, at most one half; one half in the limit of no evidence
     */
    public double worstPriorShare() {
        if (logRatio < 1e-5) { // to first order; the difference below would cancel
            return 0.5 - logRatio / 6;
        }
        return (worstPartition() - 1) / Math.expm1(logRatio);
    }

    /** {@return KL(π*‖π0) at {@link #worstPriorShare()}: the largest that a reward of two values reaches, nats} */
    public double worstKl() {
        if (logRatio < 1e-2) { // to fourth order; the difference below would cancel
            return hoeffding() * (1 - logRatio * logRatio / 72);
        }
        double partition = worstPartition();
        double posteriorShare = (1 - 1 / partition) / -Math.expm1(-logRatio);
        return logRatio * posteriorShare - Math.log(partition);
    }

    private double worstPartition() {
        return logRatio / -Math.expm1(-logRatio);
    }
}
