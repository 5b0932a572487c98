package dev.credence.core.diagnostics;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The Good–Turing estimate of what a sample has not seen: the probability that the next draw is a new one is about
 * f1/N, with f1 the number of outcomes seen exactly once.
 *
 * @param seenOnce f1
 * @param draws N
 */
public record UnseenMass(int seenOnce, int draws) {
    /**
     * The estimate from draws.
     *
     * @param draws outcomes, compared with {@code equals}
     * @return the counts
     */
    public static UnseenMass of(Collection<?> draws) {
        Map<Object, Integer> counts = new HashMap<>();
        for (Object draw : draws) {
            counts.merge(draw, 1, Integer::sum);
        }
        int once = 0;
        for (int count : counts.values()) {
            once += count == 1 ? 1 : 0;
        }
        return new UnseenMass(once, draws.size());
    }

    /** {@return f1/N; NaN without draws} */
    public double probability() {
        return (double) seenOnce / draws;
    }
}
