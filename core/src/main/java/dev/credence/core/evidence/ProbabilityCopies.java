package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/**
 * n observations of probability r each (docs/theory.md#reading-a).
 *
 * @param n observations
 */
record ProbabilityCopies(double n) implements ApprovalProbability {
    ProbabilityCopies {
        if (!(n >= 0 && n < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("n is " + n + "; copies must be finite and not negative");
        }
    }

    @Override
    public double of(double reward) {
        return n == 0 ? 0 : n * Math.log(reward);
    }

    @Override
    public String describe() {
        return FigureFormat.inWords(n) + " independent observations, each of the probability that the reward states";
    }
}
