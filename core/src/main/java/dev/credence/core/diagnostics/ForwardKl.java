package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import java.util.Arrays;

/**
 * The forward KL(π*‖π) from draws of the prior alone: mean[w(E − ℓ)]/Ẑ − log Ẑ, with w = e^E and Ẑ = mean w. A smooth
 * function of two means, so its bias is of order 1/N and its scatter of order 1/√N; both by the delta method.
 *
 * @param value nats; infinite where the policy gives no probability to something the posterior does
 * @param biasCoefficient N times the expected excess of the estimate from N draws, nats
 * @param scatter √N times its standard deviation, nats
 */
public record ForwardKl(double value, double biasCoefficient, double scatter) {
    /**
     * The truth for distributions that can be written down, and what estimates of it would be off by.
     *
     * @param prior π0
     * @param evidence (outcomes) E, log-likelihoods in nats
     * @param logRatios (outcomes) ℓ = log π − log π0 in nats
     * @return the KL
     * @throws IllegalArgumentException if the sizes differ, a number is NaN or +∞, or no outcome is possible
     */
    public static ForwardKl exact(Distribution prior, double[] evidence, double[] logRatios) {
        return of(prior.probabilities(), evidence, logRatios);
    }

    /**
     * The estimate from draws of the prior.
     *
     * @param evidence (draws) E, log-likelihoods in nats
     * @param logRatios (draws) ℓ = log π − log π0 in nats
     * @return the estimate, not corrected for its bias
     * @throws IllegalArgumentException if there are no draws, the sizes differ, a number is NaN or +∞, or every draw is
     *     ruled out
     */
    public static ForwardKl estimate(double[] evidence, double[] logRatios) {
        double[] equal = new double[evidence.length];
        Arrays.fill(equal, 1.0 / evidence.length);
        return of(equal, evidence, logRatios);
    }

    private static ForwardKl of(double[] probabilities, double[] evidence, double[] logRatios) {
        check(probabilities, evidence, logRatios);
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < evidence.length; i++) {
            max = probabilities[i] > 0 ? Math.max(max, evidence[i]) : max;
        }
        if (!(max > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException("the evidence rules out every outcome: there is no posterior");
        }
        double partition = 0; // Z e^{−max}; the KL does not change when a constant is added to the evidence
        double numerator = 0;
        for (int i = 0; i < evidence.length; i++) {
            double weight = Math.exp(evidence[i] - max);
            if (probabilities[i] * weight > 0) {
                partition += probabilities[i] * weight;
                numerator += probabilities[i] * weight * (evidence[i] - max - logRatios[i]);
            }
        }
        double meanGain = numerator / partition;
        double variance = 0; // of w/Z
        double covariance = 0; // of w(E − ℓ)/Z with w/Z
        double spread = 0; // of the influence function
        for (int i = 0; i < evidence.length; i++) {
            double weight = Math.exp(evidence[i] - max) / partition;
            double gain = weight > 0 ? weight * (evidence[i] - max - logRatios[i]) : 0;
            if (probabilities[i] > 0) {
                variance += probabilities[i] * (weight - 1) * (weight - 1);
                covariance += probabilities[i] * (gain - meanGain) * (weight - 1);
                double influence = gain - meanGain - (meanGain + 1) * (weight - 1);
                spread += probabilities[i] * influence * influence;
            }
        }
        return new ForwardKl(
                meanGain - Math.log(partition), (meanGain + 0.5) * variance - covariance, Math.sqrt(spread));
    }

    private static void check(double[] probabilities, double[] evidence, double[] logRatios) {
        if (evidence.length == 0 || evidence.length != probabilities.length || evidence.length != logRatios.length) {
            throw new IllegalArgumentException(evidence.length + " evidences and " + logRatios.length
                    + " log-ratios for " + probabilities.length + " outcomes; there must be as many of each");
        }
        for (int i = 0; i < evidence.length; i++) {
            if (!(evidence[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "evidence " + i + " is " + evidence[i] + "; it must be a number below infinity");
            }
            if (!(logRatios[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "log-ratio " + i + " is " + logRatios[i] + "; it must be a number below infinity");
            }
        }
    }

    /**
     * The expected excess of an estimate.
     *
     * @param draws N
     * @return nats, to first order
     */
    public double bias(int draws) {
        return biasCoefficient / draws;
    }

    /**
     * The standard error of an estimate.
     *
     * @param draws N
     * @return nats, to first order
     */
    public double standardError(int draws) {
        return scatter / Math.sqrt(draws);
    }
}
