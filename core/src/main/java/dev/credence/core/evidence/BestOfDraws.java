package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.LogMath;

/**
 * Being the one picked among n draws: (F^n − F₋^n) / (n·p) for a level of mass p whose distribution function rises from
 * F₋ to F (docs/theory.md#best-of-n).
 *
 * @param n draws
 */
record BestOfDraws(double n) implements RewardLikelihood {
    BestOfDraws {
        if (!(n > 0 && n < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "n is " + n + "; the draws of best-of-n must be a finite number above 0");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        RewardLevels levels = RewardLevels.of(reward, priorProbability);
        double[] ofLevel = new double[levels.count()];
        for (int g = 0; g < ofLevel.length; g++) {
            ofLevel[g] = ofLevel(levels, g);
        }
        return levels.toAtoms(ofLevel);
    }

    /** Picking among less than one draw is no event: its likelihood of poor rewards is above one. */
    @Override
    public boolean isProbability() {
        return n >= 1;
    }

    @Override
    public String describe() {
        return "being picked as the best of " + FigureFormat.inWords(n) + " draws from the prior";
    }

    private double ofLevel(RewardLevels levels, int g) {
        double mass = levels.mass(g);
        double upTo = levels.below(g) + mass;
        if (upTo == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        double logUpTo = levels.above(g) < 0.5 ? Math.log1p(-levels.above(g)) : Math.log(upTo);
        if (mass == 0) {
            return (n - 1) * logUpTo;
        }
        double logRatio = Math.log1p(-mass / upTo); // log F₋/F without cancellation
        return n * logUpTo + LogMath.log1mExp(n * logRatio) - Math.log(n) - Math.log(mass);
    }
}
