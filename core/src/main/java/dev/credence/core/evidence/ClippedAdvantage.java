package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/**
 * min((r − V)/β, log cap), V the prior's mean reward: the weight of advantage-weighted imitation, at most the cap
 * (docs/theory.md#weighted-imitation).
 *
 * @param beta the temperature of the weight
 * @param cap the largest weight
 */
record ClippedAdvantage(double beta, double cap) implements RewardLikelihood {
    ClippedAdvantage {
        if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("beta is " + beta + "; it must be positive and finite");
        }
        if (!(cap > 0)) {
            throw new IllegalArgumentException("the largest weight is " + cap + "; it must be positive");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        AtomChecks.check(reward, priorProbability);
        double mass = 0;
        double mean = 0;
        for (int i = 0; i < reward.length; i++) {
            mass += priorProbability[i];
            mean += priorProbability[i] > 0 ? priorProbability[i] * reward[i] : 0;
        }
        double value = mean / mass;
        if (value == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "a reward is -inf, so that there is no mean reward to have an advantage over");
        }
        double[] logWeight = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            logWeight[i] = Math.min((reward[i] - value) / beta, Math.log(cap));
        }
        return logWeight;
    }

    @Override
    public boolean isProbability() {
        return false;
    }

    @Override
    public String describe() {
        return FigureFormat.copiesInWords(1 / beta) + " of the reward, where that weighs no text more than "
                + FigureFormat.inWords(cap) + " times one of the mean reward";
    }
}
