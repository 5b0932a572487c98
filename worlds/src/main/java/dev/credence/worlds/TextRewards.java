package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;

/** Makes rewards of texts from expressions such as {@code count:[aeiou]}; whoever reads a world brings it. */
@FunctionalInterface
public interface TextRewards {
    /**
     * The reward that an expression stands for.
     *
     * @param expression as the world's file has it
     * @return the reward of a text
     * @throws InputException if it is none
     */
    RewardFunction of(String expression);

    /** {@return a reader that knows no rewards of texts: a world can be read, and such a reward of it cannot be asked} */
    static TextRewards none() {
        return expression -> (prompt, completion) -> {
            throw InputException.ofSetting("reward", expression, "rewards of texts are not known here");
        };
    }
}
