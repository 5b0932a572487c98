package dev.credence.core.diagnostics;

import dev.credence.core.probability.Distribution;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The effective number of outcomes, e^H: as many equally likely outcomes have the same entropy. */
public final class EffectiveNumber {
    private EffectiveNumber() {}

    /**
     * The effective number of outcomes of a distribution.
     *
     * @param distribution any
     * @return a number between 1 and its size
     */
    public static double of(Distribution distribution) {
        return Math.exp(distribution.entropy());
    }

    /**
     * The effective number of outcomes among draws, with their shares for probabilities: too small for draws that are
     * few beside the outcomes ({@link UnseenMass} tells).
     *
     * @param draws outcomes, compared with {@code equals}, at least one
     * @return a number between 1 and the number of different outcomes drawn
     * @throws IllegalArgumentException if there is no draw
     */
    public static double ofDraws(Collection<?> draws) {
        if (draws.isEmpty()) {
            throw new IllegalArgumentException("draws is empty; the effective number of no draws is not defined");
        }
        Map<Object, Integer> counts = new HashMap<>();
        for (Object draw : draws) {
            counts.merge(draw, 1, Integer::sum);
        }
        double entropy = 0;
        for (int count : counts.values()) {
            double share = (double) count / draws.size();
            entropy -= share * Math.log(share);
        }
        return Math.exp(entropy);
    }
}
