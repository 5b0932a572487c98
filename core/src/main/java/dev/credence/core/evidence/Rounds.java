package dev.credence.core.evidence;

import dev.credence.core.probability.LogMath;

/**
 * Evidence applied several times, each time against the posterior of the round before.
 *
 * @param one the evidence
 * @param rounds how often
 */
record Rounds(RewardLikelihood one, int rounds) implements RewardLikelihood {
    Rounds {
        if (!(rounds >= 1)) {
            throw new IllegalArgumentException("rounds is " + rounds + "; there must be at least one");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        double[] sum = new double[reward.length];
        double[] mass = priorProbability.clone();
        for (int round = 0; round < rounds; round++) {
            double[] step = one.logLikelihoods(reward, mass);
            double[] logWeight = new double[sum.length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] += step[i];
                logWeight[i] = Math.log(priorProbability[i]) + sum[i];
            }
            double logSum = LogMath.logSumExp(logWeight);
            if (logSum == Double.NEGATIVE_INFINITY) {
                return sum; // nothing is left to condition: the posterior will refuse
            }
            for (int i = 0; i < sum.length; i++) {
                mass[i] = Math.exp(logWeight[i] - logSum);
            }
        }
        return sum;
    }

    @Override
    public boolean isProbability() {
        return one.isProbability();
    }

    @Override
    public String describe() {
        return rounds + " rounds, each against the result of the one before, of: " + one.describe();
    }
}
