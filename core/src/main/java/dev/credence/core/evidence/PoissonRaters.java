package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/** All of Poisson(λ) raters approve: E[r^K] = e^(λ(r−1)) (docs/theory.md#reading-b). */
record PoissonRaters(double lambda) implements RewardLikelihood {
    PoissonRaters {
        if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "lambda is " + lambda + "; the mean number of raters must be finite and not negative");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        Atoms.check(reward, priorProbability);
        Atoms.checkProbabilities(reward);
        double[] logLikelihood = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            logLikelihood[i] = lambda * (reward[i] - 1);
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        return "all of Poisson(" + FigureFormat.inWords(lambda) + ") independent raters approve";
    }
}
