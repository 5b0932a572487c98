package dev.credence.core.evidence;

import dev.credence.core.figures.FigureFormat;

/** λ·r; at λ = ±∞ the prior on its extreme rewards. */
record Tilting(double lambda) implements RewardLikelihood {
    Tilting {
        if (Double.isNaN(lambda)) {
            throw new IllegalArgumentException("lambda is NaN; copies must be a number");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        Atoms.check(reward, priorProbability);
        double[] logLikelihood = new double[reward.length];
        double extreme = Double.isInfinite(lambda) ? extreme(reward, priorProbability) : Double.NaN;
        for (int i = 0; i < reward.length; i++) {
            if (reward[i] == Double.NEGATIVE_INFINITY) {
                logLikelihood[i] = reward[i];
            } else if (Double.isInfinite(lambda)) {
                logLikelihood[i] = reward[i] == extreme ? 0 : Double.NEGATIVE_INFINITY;
            } else {
                logLikelihood[i] = lambda * reward[i];
            }
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        if (Double.isInfinite(lambda)) {
            return lambda > 0 ? "the reward is the largest there is" : "the reward is the smallest there is";
        }
        return lambda == 0
                ? "nothing"
                : FigureFormat.copiesInWords(lambda) + " of the reward (beta " + FigureFormat.inWords(1 / lambda) + ")";
    }

    private double extreme(double[] reward, double[] priorProbability) {
        double sign = Math.signum(lambda);
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            if (priorProbability[i] > 0 && reward[i] > Double.NEGATIVE_INFINITY) {
                best = Math.max(best, sign * reward[i]);
            }
        }
        return sign * best;
    }
}
