package dev.credence.lab.experiments;

/**
 * A policy on its way, audited exactly; several seeds together.
 *
 * @param place where: table, or the model's name
 * @param reading of the reward: a to d (docs/theory.md#what-copies-mean)
 * @param beta asked KL coefficient
 * @param method the method
 * @param step steps, rounds or draws
 * @param copies mean over seeds of λ at equal mean reward
 * @param lower of its 95 % interval over seeds
 * @param upper the same; equal where nothing is random, or where there is one seed alone
 * @param bayesFraction mean over seeds; NaN where the policy is the prior
 * @param kl mean over seeds of KL(π‖π0), nats
 */
public record PathPoint(
        String place,
        String reading,
        double beta,
        String method,
        long step,
        double copies,
        double lower,
        double upper,
        double bayesFraction,
        double kl) {
    /** {@return whether nothing was drawn on the way: a method that is summed over all texts} */
    public boolean isExact() {
        return !Paths.TRAINED.contains(method);
    }

    /** {@return 1/β} */
    public double nominal() {
        return 1 / beta;
    }
}
