package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import java.util.Objects;

/**
 * Schulman's three estimators of KL(π‖π0) from one draw of the policy, as functions of its log-ratio ℓ = log π/π0
 * (nats). The mean of K1 and of K3 is the KL; that of K2 is not.
 */
public enum KlEstimator {
    /** ℓ: unbiased, of either sign, and for near policies mostly noise. */
    K1 {
        @Override
        public double of(double logRatio) {
            return logRatio;
        }
    },
    /** ℓ²/2: biased, but with little variance where the policies are near. */
    K2 {
        @Override
        public double of(double logRatio) {
            return 0.5 * logRatio * logRatio;
        }
    },
    /** ρ − 1 − log ρ with ρ = π0/π: unbiased and never negative; its variance is finite only if χ²(π0‖π) is. */
    K3 {
        @Override
        public double of(double logRatio) {
            return Math.expm1(-logRatio) + logRatio;
        }
    };

    /**
     * The estimate from one draw.
     *
     * @param logRatio ℓ = log π(x) − log π0(x) in nats, with x from π
     * @return nats
     */
    public abstract double of(double logRatio);

    /**
     * The estimate from one sequence as a sum over its tokens, as token-level losses have it. For K1 that is the
     * estimate from the whole sequence; for K2 and K3 it is another one.
     *
     * @param tokenLogRatios (tokens) log-ratios of the next-token probabilities, nats
     * @param from first token
     * @param to one past the last token
     * @return nats for the sequence
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public double sum(double[] tokenLogRatios, int from, int to) {
        Objects.checkFromToIndex(from, to, tokenLogRatios.length);
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += of(tokenLogRatios[i]);
        }
        return sum;
    }

    /**
     * What the estimator scatters around, and how much, for policies that can be written down.
     *
     * @param policy π, where the draws come from
     * @param prior π0, over the same outcomes in the same order
     * @return mean and variance of the estimate from one draw
     * @throws IllegalArgumentException if the sizes differ
     */
    public MeanAndVariance moments(Distribution policy, Distribution prior) {
        if (policy.size() != prior.size()) {
            throw new IllegalArgumentException("policy has " + policy.size() + " outcomes, prior " + prior.size());
        }
        double[] estimates = new double[policy.size()];
        for (int i = 0; i < estimates.length; i++) {
            estimates[i] = of(policy.logProbability(i) - prior.logProbability(i));
        }
        return MeanAndVariance.of(estimates, policy.probabilities());
    }
}
