package dev.credence.lab.inputs;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.data.rewards.RewardExpression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reward that a user names for a log: one of the log's own, or an expression computed while the log is read.
 *
 * @param name under which it is audited
 * @param expression null for one of the log's own
 */
public record LogReward(String name, @Nullable RewardExpression expression) {
    /**
     * Reads what the user typed.
     *
     * @param typed a name of the log, {@code field:NAME}, or an expression, with or without a name for it
     * @return the reward
     * @throws InputException if it is a malformed expression
     */
    public static LogReward of(String typed) {
        RewardName reward = RewardName.of(typed);
        return new LogReward(reward.name(), reward.isExpression() ? RewardExpression.parse(reward.text()) : null);
    }

    /**
     * A reward that the log has under exactly the name that was asked for.
     *
     * @param typed as it was asked for
     * @return the reward
     */
    public static LogReward own(String typed) {
        return new LogReward(RewardName.of(typed).name(), null);
    }

    /**
     * The name that the log knows it by: of {@code field:NAME} the NAME, where the log has it.
     *
     * @param setting the setting it came from
     * @param known the log's names
     * @return one of them
     * @throws InputException if the log has no such reward, or not on every record
     */
    public String among(String setting, List<String> known) {
        String own = name.startsWith("field:") ? name.substring("field:".length()) : name;
        if (known.contains(own)) {
            return own;
        }
        if (known.contains(name)) {
            return name;
        }
        throw InputException.ofSetting(
                setting, name, "the log has no such reward on every record; " + NearestName.hint(name, known));
    }
}
