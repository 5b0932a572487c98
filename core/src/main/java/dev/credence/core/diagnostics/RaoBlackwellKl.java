package dev.credence.core.diagnostics;

import java.util.Objects;

/**
 * The Rao–Blackwellised estimate of KL(π‖π0) from policy draws whose full next-token distributions are at hand (Amini,
 * Vieira and Cotterell): for each drawn sequence Σ_t KL(π(·|x&lt;t) ‖ π0(·|x&lt;t)) over its own prefixes. Unbiased,
 * never negative, and of no more variance than the plain mean of log-ratios.
 */
public final class RaoBlackwellKl {
    private final int vocabulary;
    private final RunningMean mean = new RunningMean();

    /**
     * Nothing seen yet.
     *
     * @param vocabulary V, the number of tokens, at least one
     * @throws IllegalArgumentException if it is not positive
     */
    public RaoBlackwellKl(int vocabulary) {
        if (!(vocabulary >= 1)) {
            throw new IllegalArgumentException("vocabulary is " + vocabulary + "; it must be at least 1");
        }
        this.vocabulary = vocabulary;
    }

    /**
     * Takes in one sequence drawn from the policy.
     *
     * @param policyLogProbs (T, V) row-major, nats: the policy's next-token log-probabilities at each prefix
     * @param priorLogProbs (T, V) row-major, nats: the prior's at the same prefixes
     * @return this sequence's term, nats
     * @throws IllegalArgumentException if the sizes differ or are no multiple of V
     */
    public double add(double[] policyLogProbs, double[] priorLogProbs) {
        if (policyLogProbs.length != priorLogProbs.length || policyLogProbs.length % vocabulary != 0) {
            throw new IllegalArgumentException("policyLogProbs has " + policyLogProbs.length
                    + " numbers, priorLogProbs " + priorLogProbs.length + "; both must be (T, " + vocabulary + ")");
        }
        double sum = 0;
        for (int from = 0; from < policyLogProbs.length; from += vocabulary) {
            sum += klOfStep(policyLogProbs, priorLogProbs, from, from + vocabulary);
        }
        mean.add(sum);
        return sum;
    }

    /**
     * The KL of one next-token distribution from another.
     *
     * @param policyLogProbs nats
     * @param priorLogProbs nats, same positions
     * @param from first position of the distribution in both
     * @param to one past its last position
     * @return Σ_v π (log π − log π0) in nats; infinite where the prior misses a token of the policy
     * @throws IndexOutOfBoundsException if the range is not within both arrays
     */
    public static double klOfStep(double[] policyLogProbs, double[] priorLogProbs, int from, int to) {
        Objects.checkFromToIndex(from, to, Math.min(policyLogProbs.length, priorLogProbs.length));
        double kl = 0;
        for (int v = from; v < to; v++) {
            double probability = Math.exp(policyLogProbs[v]);
            if (!(probability == 0)) { // NaN goes in
                kl += probability * (policyLogProbs[v] - priorLogProbs[v]);
            }
        }
        return kl;
    }

    /** {@return the estimate, nats a sequence, with its scatter over the sequences seen} */
    public SampleMean estimate() {
        return mean.result();
    }
}
