package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.figures.FigureFormat;

/** n observations of probability r each (docs/theory.md#reading-a). */
record ProbabilityCopies(double n) implements PointwiseLikelihood {
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
    public LogBounds of(ValueBounds reward) {
        ValueBounds probability = AtomChecks.probability(reward);
        return new LogBounds(of(probability.lower()), of(probability.upper()));
    }

    @Override
    public boolean allows(double reward) {
        return reward >= 0 && reward <= 1;
    }

    @Override
    public String rule() {
        return "an approval probability must be in [0, 1]";
    }

    @Override
    public String describe() {
        return FigureFormat.inWords(n) + " independent observations, each of the probability that the reward states";
    }
}
