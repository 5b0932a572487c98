package dev.credence.methods.training;

import dev.credence.methods.training.TrainingDivergedException.Reason;

/**
 * Where a step shows that a training has diverged. A figure that is not finite always does.
 *
 * @param kl nats from the prior a text that the policy may not exceed, ∞ for any: beyond, the run has failed. This is not the
 *     KL at which a method stops and has done what it was asked
 * @param effective share of the rollouts that must be left by their importance weights where rollouts are reused, in [0, 1);
 *     less {@link #PATIENCE} steps in a row is a divergence. The first step of Adam is as long as its rate whatever the gradient,
 *     so that one such step is none
 */
public record TrainingLimits(double kl, double effective) {
    /** Only what is not finite is a divergence. */
    public static final TrainingLimits NONE = new TrainingLimits(Double.POSITIVE_INFINITY, 0);

    /** The standard share: one rollout in twenty. */
    public static final double STANDARD_EFFECTIVE = 0.05;

    /** Steps in a row. */
    static final int PATIENCE = 3;

    /**
     * Checks the limits.
     *
     * @param kl as above
     * @param effective as above
     * @throws IllegalArgumentException naming the limit, its value and the rule
     */
    public TrainingLimits {
        if (!(kl > 0)) {
            throw new IllegalArgumentException("kl is " + kl + "; it must be above 0");
        }
        if (!(effective >= 0 && effective < 1)) {
            throw new IllegalArgumentException("effective is " + effective + "; it must be in [0, 1)");
        }
    }

    /**
     * The standard limits where texts are sequences of tokens: horizon × log(vocabulary) nats. KL(policy‖prior) is
     * −E log prior less the policy's entropy, so that beyond it the prior finds the policy's texts less likely than random
     * tokens.
     *
     * @param horizon tokens a text has at most
     * @param vocabulary how many tokens there are, at least 2
     * @return the limits
     */
    public static TrainingLimits ofTexts(int horizon, int vocabulary) {
        return new TrainingLimits(horizon * Math.log(vocabulary), STANDARD_EFFECTIVE);
    }

    /**
     * Looks at a step.
     *
     * @param step as measured
     * @param thin how many steps in a row, up to this one, had too few effective rollouts
     * @throws TrainingDivergedException if it shows a divergence
     */
    void check(TrainingStep step, int thin) {
        double loss = step.signals().loss().orElse(0);
        if (!Double.isFinite(step.kl())) {
            throw new TrainingDivergedException(step.step(), Reason.POLICY, step.kl(), Double.POSITIVE_INFINITY);
        }
        if (!Double.isFinite(loss)) {
            throw new TrainingDivergedException(step.step(), Reason.LOSS, loss, Double.POSITIVE_INFINITY);
        }
        if (!Double.isFinite(step.gradientNorm())) {
            throw new TrainingDivergedException(
                    step.step(), Reason.GRADIENT, step.gradientNorm(), Double.POSITIVE_INFINITY);
        }
        if (!(step.kl() <= kl)) {
            throw new TrainingDivergedException(step.step(), Reason.KL, step.kl(), kl);
        }
        if (thin == PATIENCE) {
            double left = step.signals().effective().orElse(1);
            throw new TrainingDivergedException(step.step(), Reason.EFFECTIVE_SAMPLES, left, effective);
        }
    }

    /** Whether importance weights leave too few of a step's rollouts. */
    boolean isThin(TrainingStep step) {
        return !(step.signals().effective().orElse(1) >= effective);
    }
}
