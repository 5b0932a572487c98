package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.List;

/** The four-outcome world of T1 and the policy of T3, of the reference vectors. */
final class Examples {
    static final List<String> OUTCOMES = List.of("a", "b", "c", "d");
    static final Distribution PRIOR = of(0.4, 0.3, 0.2, 0.1);
    static final Distribution POLICY = of(0.05, 0.10, 0.60, 0.25);
    static final double[] REWARD = {0, 1, 2, 3};

    private Examples() {}

    static Distribution of(double... probabilities) {
        double[] logs = new double[probabilities.length];
        Arrays.setAll(logs, i -> Math.log(probabilities[i]));
        return Distribution.ofLogWeights(OUTCOMES, logs);
    }

    static double[] evidence(double lambda) {
        double[] evidence = new double[REWARD.length];
        Arrays.setAll(evidence, i -> lambda * REWARD[i]);
        return evidence;
    }

    static double logPartition(double lambda) {
        return LogMath.logSumExp(joint(lambda));
    }

    static Distribution posterior(double lambda) {
        return Distribution.ofLogWeights(OUTCOMES, joint(lambda));
    }

    static double[] logRatios(Distribution policy) {
        double[] ratios = new double[policy.size()];
        Arrays.setAll(ratios, i -> policy.logProbability(i) - PRIOR.logProbability(i));
        return ratios;
    }

    private static double[] joint(double lambda) {
        double[] joint = new double[REWARD.length];
        Arrays.setAll(joint, i -> PRIOR.logProbability(i) + lambda * REWARD[i]);
        return joint;
    }
}
