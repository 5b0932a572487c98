package dev.credence.methods.training;

/**
 * One step in figures.
 *
 * @param step from 1
 * @param reward mean of the rollouts
 * @param kl estimate of KL(policy‖reference) over whole texts, nats: exact on an enumeration, else the mean of log-ratios
 * @param movedKl the same against the policy that drew them, before the step's last update
 * @param gradientNorm of the last update; not finite where it was not taken
 * @param beta KL coefficient in force
 * @param clipped share of the ratios that were clipped at the last update
 * @param modelCalls texts computed or drawn so far, by policy and reference
 */
public record TrainingStep(
        long step,
        double reward,
        double kl,
        double movedKl,
        double gradientNorm,
        double beta,
        double clipped,
        long modelCalls) {}
