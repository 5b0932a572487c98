package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/** A reward between two limits, both included; one level where they are equal. */
record RewardRange(double lowest, double highest) implements RewardLikelihood {
    RewardRange {
        if (!(lowest <= highest)) {
            throw new IllegalArgumentException(
                    "range is [" + lowest + ", " + highest + "]; the lowest reward must not exceed the highest");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        Atoms.check(reward, priorProbability);
        double[] logLikelihood = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            logLikelihood[i] = lowest <= reward[i] && reward[i] <= highest ? 0 : Double.NEGATIVE_INFINITY;
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        if (lowest == highest) {
            return "the reward is exactly " + FigureFormat.inWords(lowest);
        }
        return highest == Double.POSITIVE_INFINITY
                ? "the reward is at least " + FigureFormat.inWords(lowest)
                : "the reward is between " + FigureFormat.inWords(lowest) + " and " + FigureFormat.inWords(highest);
    }
}
