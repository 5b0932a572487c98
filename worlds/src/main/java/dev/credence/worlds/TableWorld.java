package dev.credence.worlds;

import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A world small enough to write down: a prior, its rewards by name, and perhaps a tuned policy. */
public final class TableWorld {
    private final TableModel prior;
    private final Map<String, TableReward> rewards;
    private final @Nullable TableModel policy;

    TableWorld(TableModel prior, Map<String, TableReward> rewards, @Nullable TableModel policy) {
        this.prior = prior;
        this.rewards = new LinkedHashMap<>(rewards);
        this.policy = policy;
    }

    /** {@return the prior} */
    public TableModel prior() {
        return prior;
    }

    /** {@return the tuned policy, over the prior's prompts and outcomes, where the file has one} */
    public Optional<TableModel> policy() {
        return Optional.ofNullable(policy);
    }

    /**
     * The same rewards of another prior.
     *
     * @param other over the same prompts and outcomes
     * @return the world, without a policy
     */
    public TableWorld withPrior(TableModel other) {
        return new TableWorld(other, rewards, null);
    }

    /** {@return the rewards' names, in the file's order; none for a world of a prior alone} */
    public List<String> rewardNames() {
        return new ArrayList<>(rewards.keySet());
    }

    /**
     * A reward by name.
     *
     * @param name one of {@link #rewardNames()}
     * @return the reward
     * @throws InputException if the world has no such reward
     */
    public TableReward reward(String name) {
        TableReward reward = rewards.get(name);
        if (reward == null) {
            String rule = rewards.isEmpty() ? "this world has no rewards" : NearestName.hint(name, rewards.keySet());
            throw InputException.ofSetting("reward", name, rule);
        }
        return reward;
    }

    /**
     * The only reward.
     *
     * @return it
     * @throws InputException if the world has none, or several, so that one must be named
     */
    public TableReward onlyReward() {
        if (rewards.size() != 1) {
            String rule = rewards.isEmpty()
                    ? "this world has no rewards"
                    : "this world has several rewards, name one of: " + String.join(", ", rewards.keySet());
            throw InputException.ofSetting("reward", "missing", rule);
        }
        return rewards.values().iterator().next();
    }
}
