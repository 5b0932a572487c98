package dev.credence.core.evidence;

/** Being among the best share q of the prior's mass (THEORY T8). */
record TopShare(double q) implements RewardLikelihood {
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
            double left = q - levels.above(g);
            if (levels.mass(g) <= left) {
                ofLevel[g] = 0;
            } else {
                ofLevel[g] = left <= 0 ? Double.NEGATIVE_INFINITY : Math.log(left / levels.mass(g));
            }
        }
        return levels.toAtoms(ofLevel);
    }

    @Override
    public String describe() {
        return "being among the prior's top " + Figures.of(100 * q) + " % by reward";
    }
}
