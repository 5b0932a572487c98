package dev.credence.core;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import java.util.LinkedHashMap;
import java.util.Map;

/** The small worlds that the reference vectors are of. */
public final class TestWorlds {
    /** Prior of T1. */
    public static final Distribution T1 = distribution(.4, .3, .2, .1);

    private static final double[] T1_REWARDS = {0, 1, 2, 3};
    private static final double[] T2_PROBABILITIES = {.9, .5, .2, .05};

    private TestWorlds() {}

    /** {@return (outcomes), rewards of T1} */
    public static double[] t1Rewards() {
        return T1_REWARDS.clone();
    }

    /** {@return (outcomes), p(O|x) of T2 on the prior of T1} */
    public static double[] t2Probabilities() {
        return T2_PROBABILITIES.clone();
    }

    /**
     * A distribution on a, b, c, … .
     *
     * @param probabilities they sum to one
     * @return the distribution
     */
    public static Distribution distribution(double... probabilities) {
        Map<String, Double> byName = new LinkedHashMap<>();
        for (double p : probabilities) {
            byName.put(String.valueOf((char) ('a' + byName.size())), p);
        }
        return Distribution.of(byName);
    }

    /**
     * A reward on a, b, c, … .
     *
     * @param rewards theirs, in order
     * @return the function
     */
    public static RewardFunction reward(double... rewards) {
        return (prompt, completion) -> rewards[completion.charAt(0) - 'a'];
    }
}
