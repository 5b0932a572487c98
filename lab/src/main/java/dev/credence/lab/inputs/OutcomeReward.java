package dev.credence.lab.inputs;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import java.util.NoSuchElementException;

/**
 * A reward expression on the outcomes of a world, which are texts without tokens or further fields.
 *
 * @param expression the reward
 */
public record OutcomeReward(RewardExpression expression) implements RewardFunction {
    @Override
    public double reward(String prompt, String completion) {
        try {
            return expression.evaluate(new Outcome(prompt, completion));
        } catch (NoSuchElementException e) {
            throw InputException.ofSetting("reward", expression.toString(), String.valueOf(e.getMessage()));
        }
    }

    private record Outcome(String prompt, String completion) implements ScoredText {
        @Override
        public int tokens() {
            throw new NoSuchElementException("an outcome of a world has no tokens");
        }

        @Override
        public double field(String name) {
            throw new NoSuchElementException("a world's own rewards are named without field:");
        }
    }
}
