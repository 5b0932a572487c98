package dev.credence.lab.models;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import java.util.NoSuchElementException;

/**
 * A completion that was enumerated, as rewards see it: a text, and no record with fields.
 *
 * @param prompt the prompt's text
 * @param completion its text
 * @param tokens its length, the end counted
 */
public record CompletionReward(String prompt, String completion, int tokens) implements ScoredText {
    @Override
    public double field(String name) {
        throw new NoSuchElementException("an enumerated text has no field " + name + "; name a reward of its text");
    }

    /**
     * Its reward.
     *
     * @param reward of texts
     * @return a finite number
     * @throws InputException if it is not finite, or the reward reads a field
     */
    public double of(RewardExpression reward) {
        try {
            double value = reward.evaluate(this);
            if (Math.abs(value) < Double.POSITIVE_INFINITY) {
                return value;
            }
            throw InputException.ofSetting(
                    "reward", reward.toString(), "it is " + value + " for '" + completion + "'; it must be finite");
        } catch (NoSuchElementException e) {
            throw InputException.ofSetting("reward", reward.toString(), String.valueOf(e.getMessage()));
        }
    }
}
