package dev.credence.core;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A small random world for property tests: a prior, a reward (with ties in every other world) and an unrelated policy on
 * the same 2 to 12 outcomes.
 *
 * @param prior π0, every outcome possible
 * @param rewards (outcomes), not all equal
 * @param policy another distribution, every outcome possible
 */
@SuppressWarnings("ArrayRecordComponent")
public record RandomWorld(Distribution prior, double[] rewards, Distribution policy) {
    /**
     * The world of a seed.
     *
     * @param seed any number
     * @return the world
     */
    public static RandomWorld of(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int n = 2 + random.nextInt(11);
        List<String> outcomes = new ArrayList<>();
        double[] rewards = new double[n];
        for (int i = 0; i < n; i++) {
            outcomes.add("x" + i);
            rewards[i] = seed % 2 == 0 ? random.nextInt(4) : 2 * random.nextGaussian();
        }
        rewards[0] = rewards[1] + 1; // never constant
        return new RandomWorld(distribution(outcomes, random), rewards, distribution(outcomes, random));
    }

    /** {@return the rewards as a function of the outcome's name} */
    public RewardFunction reward() {
        return (prompt, completion) -> rewards[prior.indexOf(completion)];
    }

    private static Distribution distribution(List<String> outcomes, RandomGenerator random) {
        double[] logWeight = new double[outcomes.size()];
        for (int i = 0; i < logWeight.length; i++) {
            logWeight[i] = 1.5 * random.nextGaussian();
        }
        return Distribution.ofLogWeights(outcomes, logWeight);
    }
}
