package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/**
 * All of Poisson(λ) raters approve: E[r^K] = e^(λ(r−1)) (docs/theory.md#reading-b).
 *
 * @param lambda their mean number
 */
record PoissonRaters(double lambda) implements ApprovalProbability {
    PoissonRaters {
        if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "lambda is " + lambda + "; the mean number of raters must be finite and not negative");
        }
    }

    @Override
    public double of(double reward) {
        return lambda * (reward - 1);
    }

    @Override
    public String describe() {
        return "all of Poisson(" + FigureFormat.inWords(lambda) + ") independent raters approve";
    }
}
