package dev.credence.core.audit;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What the gates ask of one prompt's texts, without the texts themselves: a hundred bytes a record would not fit where there
 * are a hundred thousand prompts.
 *
 * @param size how many distinct texts there are
 * @param noise how much the scores of one text scatter
 * @param logTotalPrior log of the sum of the texts' probabilities under the prior
 * @param logTotalPolicy the same under the policy
 * @param ofPrior how often the prior's records show texts that were known before
 * @param ofPolicy the same of the policy's
 * @param same whether records of one text agree
 * @serial exclude
 */
record TextSummary(
        int size,
        TextScores.Noise noise,
        double logTotalPrior,
        double logTotalPolicy,
        Recurrence ofPrior,
        Recurrence ofPolicy,
        SameText.Own same)
        implements Serializable {
    /** Of a prompt's records, or null where texts are not known. */
    static @Nullable TextSummary of(Atoms atoms) {
        TextScores scores = TextScores.of(atoms);
        return scores == null
                ? null
                : new TextSummary(
                        scores.size(),
                        scores.noise(),
                        scores.logTotal(RolloutLog.PRIOR),
                        scores.logTotal(RolloutLog.POLICY),
                        scores.recurrence(RolloutLog.PRIOR),
                        scores.recurrence(RolloutLog.POLICY),
                        SameText.Own.of(atoms, scores));
    }

    /** log of the sum of the texts' probabilities under one model, the least that each text's records give it. */
    double logTotal(int model) {
        return model == RolloutLog.PRIOR ? logTotalPrior : logTotalPolicy;
    }

    /** How often a source's records show texts that were known before. */
    Recurrence recurrence(int source) {
        return source == RolloutLog.PRIOR ? ofPrior : ofPolicy;
    }
}
