package dev.credence.methods;

import java.util.random.RandomGenerator;

/** A yes/no judgement of a text: one rater, or one simulated observation compared with what was observed. */
@FunctionalInterface
public interface Judge {
    /**
     * Judges once; judging again is an independent judgement.
     *
     * @param completion the text
     * @param random source of the judge's own randomness
     * @return yes or no
     */
    boolean approves(String completion, RandomGenerator random);
}
