package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/** n observations of probability r each (docs/theory.md#reading-a). */
record ProbabilityCopies(double n) implements RewardLikelihood {
    ProbabilityCopies {
        if (!(n >= 0 && n < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("n is " + n + "; copies must be finite and not negative");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        Atoms.check(reward, priorProbability);
        Atoms.checkProbabilities(reward);
        double[] logLikelihood = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            logLikelihood[i] = n == 0 ? 0 : n * Math.log(reward[i]);
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        return FigureFormat.inWords(n) + " independent observations, each of the probability that the reward states";
    }
}
