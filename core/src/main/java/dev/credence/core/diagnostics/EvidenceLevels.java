package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.TreeMap;

/** The possible values of the evidence with their prior log-probabilities: outcomes of equal evidence are one level. */
final class EvidenceLevels {
    private final double[] evidence; // (levels), nats
    private final double[] logPrior; // (levels), nats
    private final double logPartition;

    private EvidenceLevels(double[] evidence, double[] logPrior) {
        this.evidence = evidence;
        this.logPrior = logPrior;
        double[] joint = new double[evidence.length];
        Arrays.setAll(joint, i -> evidence[i] + logPrior[i]);
        this.logPartition = LogMath.logSumExp(joint);
    }

    static EvidenceLevels of(Distribution prior, double[] evidence) {
        if (evidence.length != prior.size()) {
            throw new IllegalArgumentException(evidence.length + " evidences for " + prior.size() + " outcomes");
        }
        TreeMap<Double, Double> levels = new TreeMap<>();
        for (int i = 0; i < evidence.length; i++) {
            if (!(evidence[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("evidence of outcome '"
                        + prior.outcomes().get(i) + "' is " + evidence[i] + "; it must be a number below infinity");
            }
            if (prior.probability(i) > 0) {
                levels.merge(evidence[i] + 0.0, prior.logProbability(i), LogMath::logAddExp); // −0 is 0
            }
        }
        EvidenceLevels result = new EvidenceLevels(
                levels.keySet().stream().mapToDouble(x -> x).toArray(),
                levels.values().stream().mapToDouble(x -> x).toArray());
        if (!(result.logPartition > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException("the evidence rules out every outcome: there is no posterior");
        }
        return result;
    }

    int size() {
        return evidence.length;
    }

    double evidence(int level) {
        return evidence[level];
    }

    double logPrior(int level) {
        return logPrior[level];
    }

    double logPartition() {
        return logPartition;
    }
}
