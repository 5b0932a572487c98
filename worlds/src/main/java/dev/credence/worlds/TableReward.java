package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import java.util.HashMap;
import java.util.Map;

/** A reward written down for every text of a world. */
public final class TableReward implements RewardFunction {
    private final String name;
    private final Map<String, Map<String, Double>> byPrompt; // prompt to completion to reward

    TableReward(String name, Map<String, Map<String, Double>> byPrompt) {
        this.name = name;
        this.byPrompt = new HashMap<>(byPrompt);
    }

    /** {@return its name in the world; {@code reward} where the world has a single one} */
    public String name() {
        return name;
    }

    /**
     * The reward of one text.
     *
     * @param prompt a prompt of the world
     * @param completion one of its outcomes
     * @return a finite number
     * @throws IllegalArgumentException if the world does not know the text
     */
    @Override
    public double reward(String prompt, String completion) {
        Double reward = byPrompt.getOrDefault(prompt, Map.of()).get(completion);
        if (reward == null) {
            throw new IllegalArgumentException("completion '" + completion + "' of prompt '" + prompt
                    + "' has no reward '" + name + "' in this world");
        }
        return reward;
    }
}
