package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import java.util.List;

/** A reward on the tokens of a completion: what {@link RewardFunction} is on texts. Any number of threads may ask. */
public interface TokenReward {
    /**
     * The reward of one complete completion.
     *
     * @param tokens array that begins with the completion's tokens, its end token not among them; not to be kept
     * @param length how many they are
     * @param finished whether the text ended; false: cut at the horizon
     * @return a finite number, or −∞ for an inadmissible text
     */
    double reward(int[] tokens, int length, boolean finished);

    /**
     * What is known of all completions that begin with these tokens and go on.
     *
     * @param tokens array that begins with the prefix; not to be kept
     * @param length its length, below the horizon
     * @return bounds that hold for each of them; unknown unless the reward knows better
     */
    default ValueBounds bounds(int[] tokens, int length) {
        return ValueBounds.UNKNOWN;
    }

    /** {@return why some of it is not followed token by token; none where all of it is} */
    default List<String> unfollowed() {
        return List.of("the reward is asked of complete texts");
    }
}
