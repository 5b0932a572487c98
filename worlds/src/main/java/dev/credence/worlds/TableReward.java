package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import java.util.Map;

/** A reward of every text of a world. */
public final class TableReward implements RewardFunction {
    private final String name;
    private final RewardFunction function;

    TableReward(String name, RewardFunction function) {
        this.name = name;
        this.function = function;
    }

    /** A reward written down for each completion of each prompt. */
    TableReward(String name, Map<String, Map<String, Double>> byPrompt) {
        this(name, (prompt, completion) -> {
            Double reward = byPrompt.getOrDefault(prompt, Map.of()).get(completion);
            if (reward == null) {
                throw new IllegalArgumentException("completion '" + completion + "' of prompt '" + prompt
                        + "' has no reward '" + name + "' in this world");
            }
            return reward;
        });
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
        return function.reward(prompt, completion);
    }
}
