package dev.credence.methods;

import java.util.random.RandomGenerator;

/** A yes/no judgement of a text: one rater, or one simulated observation compared with what was observed. *
 * @param <T> what is judged
 */
@FunctionalInterface
public interface Judge<T> {
    /**
     * Judges once; judging again is an independent judgement.
     *
     * @param drawn the text
     * @param random source of the judge's own randomness
     * @return yes or no
     */
    boolean approves(T drawn, RandomGenerator random);
}
