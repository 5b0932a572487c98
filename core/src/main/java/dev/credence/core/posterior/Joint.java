package dev.credence.core.posterior;

import dev.credence.core.probability.LogMath;
import java.util.Arrays;

/**
 * Prior times likelihood of one prompt's texts, the log-likelihoods measured from the largest that the prior allows, where that is far from 0: at a log-likelihood
 * of 10^15 the next double is an eighth of a nat away, and a prior that is added to it as it stands is lost.
 *
 * @param pivot the largest log-likelihood of a text with mass, nats, or 0
 * @param logWeights (texts) log π0 + E − pivot, nats
 */
@SuppressWarnings("ArrayRecordComponent")
record Joint(double pivot, double[] logWeights) {
    static Joint of(double[] logPrior, double[] logLikelihood) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logPrior.length; i++) {
            most = logPrior[i] == Double.NEGATIVE_INFINITY ? most : Math.max(most, logLikelihood[i]);
        }
        double pivot = LogMath.pivot(most);
        double[] logWeights = new double[logPrior.length];
        Arrays.setAll(
                logWeights,
                i -> logPrior[i] == Double.NEGATIVE_INFINITY || logLikelihood[i] == Double.NEGATIVE_INFINITY
                        ? Double.NEGATIVE_INFINITY
                        : logPrior[i] + (logLikelihood[i] - pivot));
        return new Joint(pivot, logWeights);
    }

    /** log Z, nats; −∞ where nothing is left, ∞ or NaN where a log-likelihood is. */
    double logPartition() {
        return pivot + LogMath.logSumExp(logWeights);
    }

    /** (texts) log π*, nats; log Z is finite. */
    double[] logProbs() {
        return LogMath.normalised(logWeights);
    }
}
