package dev.credence.data.rewards;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A kind of reward that is computed by another module, {@code WORD:TEXT} in an expression; found as a service, so that the
 * language of rewards needs to know no models.
 */
public interface RewardKind {
    /** {@return the word before the colon, small letters} */
    String word();

    /**
     * The reward that a text behind the colon names.
     *
     * @param argument that text
     * @return the reward
     * @throws dev.credence.core.provenance.InputException if it names none
     */
    Scores of(String argument);

    /** Scores of texts: logits, computed of many texts together. Any number of threads may ask. */
    @FunctionalInterface
    interface Scores {
        /**
         * Their scores.
         *
         * @param texts any number
         * @return (texts)
         */
        double[] of(List<? extends ScoredText> texts);
    }

    /**
     * The kind of a word.
     *
     * @param word before the colon
     * @return none where no module computes such
     */
    static Optional<RewardKind> byWord(String word) {
        return ServiceLoader.load(RewardKind.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(kind -> kind.word().equals(word))
                .findFirst();
    }
}
