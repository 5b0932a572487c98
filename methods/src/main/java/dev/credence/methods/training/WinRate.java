package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;

/**
 * Evidence of IPO: copies of the probability that a text is preferred to one of the prior's, by Bradley–Terry. The least
 * squares over all pairs of (ℓ_i − ℓ_j − (2p_ij − 1)/(2τ))² are met by ℓ_i = Σ_j π0_j (p_ij − ½)/τ.
 *
 * @param copies 1/τ
 */
record WinRate(double copies) implements RewardLikelihood {
    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        double[] logLikelihood =
                RewardLikelihood.tilt(0).logLikelihoods(reward, priorProbability); // what is admissible
        double mass = 0;
        for (double p : priorProbability) {
            mass += p;
        }
        for (int i = 0; i < reward.length; i++) {
            if (logLikelihood[i] == Double.NEGATIVE_INFINITY) {
                continue;
            }
            double wins = 0;
            for (int j = 0; j < reward.length; j++) {
                wins += priorProbability[j] / mass / (1 + Math.exp(reward[j] - reward[i]));
            }
            logLikelihood[i] = copies * wins;
        }
        return logLikelihood;
    }

    @Override
    public boolean isProbability() {
        return false;
    }

    @Override
    public String describe() {
        return FigureFormat.copiesInWords(copies) + " of the win rate against the prior's texts";
    }
}
