package dev.credence.core.posterior;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.Arrays;

/**
 * The exact posterior of one prompt whose texts are columns: π*(x) = π0(x) e^{E(x)} / Z, for spaces that are enumerated and
 * too large for a {@link TablePosterior} of named outcomes.
 *
 * @param logPartition log Z, nats
 * @param logProbs (texts) log π*, nats; −∞ where the evidence excludes a text
 */
@SuppressWarnings("ArrayRecordComponent")
public record ColumnPosterior(double logPartition, double[] logProbs) {
    /**
     * The posterior of evidence that is known of each text.
     *
     * @param logPrior (texts) log π0, nats
     * @param logLikelihood (texts) nats, below ∞
     * @return the posterior
     * @throws NoPosteriorException if Z is 0, infinite or no number
     */
    public static ColumnPosterior of(double[] logPrior, double[] logLikelihood) {
        Joint joint = Joint.of(logPrior, logLikelihood);
        double logZ = joint.logPartition();
        if (!(Math.abs(logZ) < Double.POSITIVE_INFINITY)) {
            throw new NoPosteriorException("log Z is " + logZ + "; it must be finite: "
                    + (logZ < 0 ? "the evidence excludes every text" : "a log-likelihood is infinite or no number"));
        }
        return new ColumnPosterior(logZ, joint.logProbs());
    }

    /**
     * The posterior of evidence about a reward.
     *
     * @param logPrior (texts) log π0, nats
     * @param reward (texts)
     * @param evidence about it
     * @return the posterior
     * @throws NoPosteriorException if Z is 0, infinite or no number
     */
    public static ColumnPosterior of(double[] logPrior, double[] reward, RewardLikelihood evidence) {
        return of(
                logPrior,
                evidence.logLikelihoods(
                        reward, Arrays.stream(logPrior).map(Math::exp).toArray()));
    }
}
