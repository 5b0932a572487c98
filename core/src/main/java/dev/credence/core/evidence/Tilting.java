package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.figures.FigureFormat;

/**
 * λ·r; a text of reward −∞ is inadmissible and stays so at every λ.
 *
 * @param lambda copies
 */
record Tilting(double lambda) implements PointwiseLikelihood {
    Tilting {
        if (!(Math.abs(lambda) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lambda is " + lambda + "; copies must be a finite number");
        }
    }

    @Override
    public double of(double reward) {
        return reward == Double.NEGATIVE_INFINITY ? reward : lambda * reward;
    }

    @Override
    public LogBounds of(ValueBounds reward) {
        if (lambda > 0) {
            return LogBounds.of(lambda * reward.lower(), lambda * reward.upper());
        }
        if (reward.upper() == Double.NEGATIVE_INFINITY) {
            return LogBounds.EXCLUDED;
        }
        boolean maybeNone = reward.lower() == Double.NEGATIVE_INFINITY;
        double least = lambda == 0 ? 0 : lambda * reward.upper();
        double most = lambda == 0 ? 0 : lambda * reward.lower();
        return LogBounds.of(maybeNone ? Double.NEGATIVE_INFINITY : least, most);
    }

    @Override
    public boolean isProbability() {
        return false;
    }

    @Override
    public String describe() {
        return lambda == 0
                ? "nothing"
                : FigureFormat.copiesInWords(lambda) + " of the reward (beta " + FigureFormat.inWords(1 / lambda) + ")";
    }
}
