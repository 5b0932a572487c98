package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import java.util.List;

/**
 * Preferences between texts of the same prompt.
 *
 * @param texts (n) the texts
 * @param preferred (pairs) index of the one preferred
 * @param other (pairs) index of the other
 * @param weight (pairs) ≥ 0
 * @param referenceLogProbs (n) log π0 of the whole texts, nats
 * @param priorMass (n) each text's share of the data
 */
@SuppressWarnings("ArrayRecordComponent")
record Pairs(
        List<Continuation> texts,
        int[] preferred,
        int[] other,
        double[] weight,
        double[] referenceLogProbs,
        double[] priorMass) {
    /** (n) log π/π0 of whole texts. */
    double[] logRatios(double[][] logProbs) {
        double[] ratios = new double[logProbs.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = Rollouts.sum(logProbs[i]) - referenceLogProbs[i];
        }
        return ratios;
    }
}
