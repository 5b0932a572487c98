package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;

/**
 * The log Z sandwich. With K draws of the prior, E log (1/K)Σ e^E is at most log Z (Burda, Grosse and Salakhutdinov
 * 2016); with one exact draw of the posterior among the K it is at least log Z (Grosse, Ghahramani and Adams 2015).
 * Both close in as K grows; at K = 1 they miss by the two KLs between prior and posterior.
 *
 * @param lower expected log-mean-weight of K prior draws, nats
 * @param upper expected log-mean-weight of one posterior draw and K − 1 prior draws, nats
 */
public record LogPartitionBounds(double lower, double upper) {
    private static final double MOST_SAMPLES = 5e7;

    /**
     * Both expectations exactly, by enumerating every multiset of K outcomes (outcomes of equal evidence count as one).
     *
     * @param prior π0
     * @param evidence (outcomes) log-likelihoods in nats; −∞ rules an outcome out
     * @param k K, draws a sample, at least one
     * @return the expectations; {@code lower} is −∞ if all K draws can be ruled out
     * @throws IllegalArgumentException if the sizes differ, K is not positive, an evidence is NaN or +∞, no outcome is
     *     possible, or there are more multisets than can be enumerated
     */
    public static LogPartitionBounds exact(Distribution prior, double[] evidence, int k) {
        return new SampleEnumeration(EvidenceLevels.of(prior, evidence), checkedSize(k)).bounds();
    }

    /**
     * The lower bound estimated from draws of the prior, cut into blocks of K; what is left over is not used.
     *
     * @param evidence (draws) log-likelihoods of prior draws in nats
     * @param k K, draws a block
     * @return mean and scatter of the blocks' log-mean-weights
     * @throws IllegalArgumentException if K is not positive or exceeds the number of draws
     */
    public static SampleMean lower(double[] evidence, int k) {
        int blocks = evidence.length / checkedSize(k);
        if (blocks == 0) {
            throw new IllegalArgumentException(evidence.length + " prior draws make no block of " + k);
        }
        RunningMean mean = new RunningMean();
        for (int b = 0; b < blocks; b++) {
            mean.add(LogMath.logSumExp(evidence, b * k, (b + 1) * k) - Math.log(k));
        }
        return mean.result();
    }

    /**
     * The upper bound estimated from exact posterior draws, each joined by K − 1 draws of the prior; what is left over
     * is not used.
     *
     * @param posteriorEvidence (posterior draws) log-likelihoods in nats
     * @param priorEvidence (prior draws) log-likelihoods in nats; may be empty for K = 1
     * @param k K, draws a block
     * @return mean and scatter of the blocks' log-mean-weights
     * @throws IllegalArgumentException if K is not positive, or there are not draws for one block
     */
    public static SampleMean upper(double[] posteriorEvidence, double[] priorEvidence, int k) {
        int others = checkedSize(k) - 1;
        int blocks = others == 0
                ? posteriorEvidence.length
                : Math.min(posteriorEvidence.length, priorEvidence.length / others);
        if (blocks == 0) {
            throw new IllegalArgumentException(posteriorEvidence.length + " posterior and " + priorEvidence.length
                    + " prior draws make no block of 1 and " + others);
        }
        RunningMean mean = new RunningMean();
        for (int b = 0; b < blocks; b++) {
            double fromPrior = LogMath.logSumExp(priorEvidence, b * others, (b + 1) * others);
            mean.add(LogMath.logAddExp(posteriorEvidence[b], fromPrior) - Math.log(k));
        }
        return mean.result();
    }

    private static int checkedSize(int k) {
        if (!(k >= 1)) {
            throw new IllegalArgumentException("k is " + k + "; a sample has at least 1 draw");
        }
        return k;
    }

    /** Walks over all multisets of K levels, depth first, carrying log-probability and log-sum of weights along. */
    private static final class SampleEnumeration {
        private final EvidenceLevels levels;
        private final int k;
        private final double[] logFactorial;
        private double lower;
        private double upper;

        SampleEnumeration(EvidenceLevels levels, int k) {
            this.levels = levels;
            this.k = k;
            this.logFactorial = new double[k + 1];
            for (int i = 1; i <= k; i++) {
                logFactorial[i] = logFactorial[i - 1] + Math.log(i);
            }
            double samples = 1;
            for (int i = 1; i < levels.size(); i++) {
                samples *= (double) (k + i) / i;
            }
            if (!(samples <= MOST_SAMPLES)) {
                throw new IllegalArgumentException(k + " draws from " + levels.size() + " levels of evidence make "
                        + samples + " different samples; at most " + MOST_SAMPLES + " are enumerated");
            }
        }

        LogPartitionBounds bounds() {
            walk(0, k, logFactorial[k], Double.NEGATIVE_INFINITY);
            return new LogPartitionBounds(lower, upper);
        }

        private void walk(int level, int left, double logProbability, double logSum) {
            if (level == levels.size() - 1) {
                visit(
                        logProbability + left * levels.logPrior(level) - logFactorial[left],
                        left == 0 ? logSum : LogMath.logAddExp(logSum, Math.log(left) + levels.evidence(level)));
                return;
            }
            walk(level + 1, left, logProbability, logSum);
            for (int count = 1; count <= left; count++) {
                walk(
                        level + 1,
                        left - count,
                        logProbability + count * levels.logPrior(level) - logFactorial[count],
                        LogMath.logAddExp(logSum, Math.log(count) + levels.evidence(level)));
            }
        }

        private void visit(double logProbability, double logSum) {
            double logMeanWeight = logSum - Math.log(k);
            lower += Math.exp(logProbability) * logMeanWeight;
            if (logMeanWeight > Double.NEGATIVE_INFINITY) {
                // The sample with one posterior draw has W/Z times the probability of the same sample from the prior.
                upper += Math.exp(logProbability + logMeanWeight - levels.logPartition()) * logMeanWeight;
            }
        }
    }
}
