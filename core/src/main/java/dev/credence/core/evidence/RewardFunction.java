package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.probability.Distribution;

/** A reward of complete texts. Its unit is its own; only reward/β is evidence in nats. */
@FunctionalInterface
public interface RewardFunction {
    /**
     * The reward of one text.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @return a finite number, or −∞ for an inadmissible text
     */
    double reward(String prompt, String completion);

    /**
     * The same of a text whose length is known.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @param tokens its length, the end counted
     * @return a finite number, or −∞ for an inadmissible text; that of the text alone unless the reward reads the length
     */
    default double reward(String prompt, String completion, int tokens) {
        return reward(prompt, completion);
    }

    /**
     * The rewards of all outcomes of a distribution.
     *
     * @param prompt what the completions are for
     * @param completions a distribution over them
     * @return (outcomes), in the distribution's order
     */
    default double[] rewards(String prompt, Distribution completions) {
        double[] rewards = new double[completions.size()];
        for (int i = 0; i < rewards.length; i++) {
            rewards[i] = reward(prompt, completions.outcomes().get(i));
        }
        return rewards;
    }

    /**
     * Between which limits the reward of any text lies.
     *
     * @return the limits, infinite where nothing is known
     */
    default ValueBounds range() {
        return ValueBounds.UNKNOWN;
    }

    /**
     * The reward of a model's completions behind a prompt, token by token.
     *
     * @param tokens how tokens make texts
     * @param prompt the prompt's text
     * @return the reward of the text that they spell, bounded on beginnings where this reward knows how
     */
    default TokenReward on(TextTokens tokens, String prompt) {
        return (ids, length, finished) -> reward(prompt, tokens.decode(ids, length), length + (finished ? 1 : 0));
    }
}
