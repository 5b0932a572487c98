package dev.credence.core.posterior;

import dev.credence.core.evidence.RewardLikelihood;

/**
 * The moment constraint "the mean reward is m" as evidence about the reward: the tilt λ·r at the λ that meets it, each prompt
 * at its own.
 *
 * @param mean wanted E r
 * @serial exclude
 */
public record MeanReward(double mean) implements RewardLikelihood {
    /**
     * The tilt that meets the constraint.
     *
     * @param reward (atoms), each in [−∞, ∞)
     * @param priorProbability (atoms), each ≥ 0, not all 0
     * @return (atoms), λ·r
     * @throws NoPosteriorException if the rewards do not reach the mean
     */
    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        double[] logPrior = new double[priorProbability.length];
        for (int i = 0; i < logPrior.length; i++) {
            logPrior[i] = Math.log(priorProbability[i]);
        }
        double lambda = TiltedFamily.ofLog(logPrior, reward).lambdaAtMean(mean);
        return RewardLikelihood.tilt(lambda).logLikelihoods(reward, priorProbability);
    }

    @Override
    public boolean isProbability() {
        return false;
    }

    @Override
    public String describe() {
        return "the mean reward is " + mean;
    }
}
