package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import java.util.random.RandomGenerator;

/**
 * How a comparison of two candidate conditionals from N draws of the policy turns out, over many repetitions.
 *
 * @param meanLogLikelihoodRatio mean evidence for the first candidate, nats
 * @param decisive share of repetitions with odds beyond twenty to one for the first
 * @param wrong share of repetitions that favour the second
 * @param repetitions how many were simulated
 */
public record SeparationOdds(double meanLogLikelihoodRatio, double decisive, double wrong, int repetitions) {
    private static final double DECISIVE = Math.log(20);

    /**
     * Simulates the comparison.
     *
     * @param policy where the draws come from
     * @param logLikelihoodRatio (outcomes) log of first over second candidate's probability, nats
     * @param draws N, at least one
     * @param repetitions how many comparisons, at least one
     * @param random source of randomness
     * @return how they turned out
     * @throws IllegalArgumentException if the sizes differ or a count is not positive
     */
    public static SeparationOdds simulate(
            Distribution policy, double[] logLikelihoodRatio, int draws, int repetitions, RandomGenerator random) {
        if (logLikelihoodRatio.length != policy.size()) {
            throw new IllegalArgumentException(
                    logLikelihoodRatio.length + " log-likelihood ratios for " + policy.size() + " outcomes");
        }
        if (!(draws >= 1 && repetitions >= 1)) {
            throw new IllegalArgumentException(
                    "draws is " + draws + ", repetitions is " + repetitions + "; both must be at least 1");
        }
        double mean = 0;
        int decisive = 0;
        int wrong = 0;
        for (int repetition = 0; repetition < repetitions; repetition++) {
            double sum = 0;
            for (int draw = 0; draw < draws; draw++) {
                sum += logLikelihoodRatio[policy.sample(random)];
            }
            mean += (sum - mean) / (repetition + 1);
            decisive += sum > DECISIVE ? 1 : 0;
            wrong += sum < 0 ? 1 : 0;
        }
        return new SeparationOdds(mean, (double) decisive / repetitions, (double) wrong / repetitions, repetitions);
    }
}
