package dev.credence.lab.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import java.util.List;
import java.util.NoSuchElementException;

/** Rewards of drawn texts: computed together, and finite. */
final class DrawnRewards {
    private DrawnRewards() {}

    static double[] evaluate(String name, RewardExpression expression, List<Rollout> drawn) {
        double[] computed;
        try {
            computed = drawn.isEmpty() ? new double[0] : expression.evaluateAll(drawn);
        } catch (NoSuchElementException e) {
            throw InputException.ofSetting("reward", name, String.valueOf(e.getMessage()));
        }
        for (int i = 0; i < computed.length; i++) {
            if (!(Math.abs(computed[i]) < Double.POSITIVE_INFINITY)) {
                throw InputException.ofSetting(
                        "reward",
                        name,
                        "it is " + computed[i] + " for '" + drawn.get(i).completion() + "'; it must be finite");
            }
        }
        return computed;
    }
}
