package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/**
 * Being among the best share q of the prior's mass (docs/theory.md#quantilizer).
 *
 * @param q the share, in (0, 1]
 */
record TopShare(double q) implements RewardLikelihood {
    /** Of q: what is left of it below this is the rounding of the masses' sum, and no part of the next level. */
    private static final double ROUNDING = 1e-12;

    TopShare {
        if (!(q > 0 && q <= 1)) {
            throw new IllegalArgumentException("q is " + q + "; the top share must be in (0, 1]");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        RewardLevels levels = RewardLevels.of(reward, priorProbability);
        double[] ofLevel = new double[levels.count()];
        for (int g = 0; g < ofLevel.length; g++) {
            ofLevel[g] = ofLevel(q - levels.above(g), levels.mass(g));
        }
        return levels.toAtoms(ofLevel);
    }

    private double ofLevel(double left, double mass) {
        if (q == 1) {
            return 0; // all of them, however little is left for the last
        }
        if (left <= ROUNDING * q) {
            return Double.NEGATIVE_INFINITY;
        }
        return mass <= left ? 0 : Math.log(left / mass);
    }

    @Override
    public String describe() {
        return "being among the prior's top " + FigureFormat.inWords(100 * q) + " % by reward";
    }
}
