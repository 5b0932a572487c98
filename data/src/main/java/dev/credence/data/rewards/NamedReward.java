package dev.credence.data.rewards;

import dev.credence.core.evidence.RewardFunction;

/**
 * A reward and its name.
 *
 * @param name its name
 * @param function the reward
 */
public record NamedReward(String name, RewardFunction function) {}
