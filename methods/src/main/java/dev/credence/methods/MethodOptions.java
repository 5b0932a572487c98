package dev.credence.methods;

import dev.credence.core.evidence.RewardType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings as the user typed them, before a method reads them: what was not given takes the method's standard.
 *
 * @param values name without dashes to value
 * @param rewardType what the reward is; a soft filter reads it to know how to accept
 * @param demonstrations texts to imitate, where the method takes them
 * @param rewards those that settings may name
 */
public record MethodOptions(
        Map<String, String> values, RewardType rewardType, Demonstrations demonstrations, Moments.Rewards rewards) {
    /**
     * Copies the map.
     *
     * @param values as above
     * @param rewardType as above
     * @param demonstrations as above
     * @param rewards as above
     */
    public MethodOptions {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Options without demonstrations.
     *
     * @param values as above
     * @param rewardType as above
     */
    public MethodOptions(Map<String, String> values, RewardType rewardType) {
        this(values, rewardType, Demonstrations.NONE, Moments.Rewards.NONE);
    }

    /** {@return options with nothing given, and a reward of unknown scale} */
    public static MethodOptions none() {
        return new MethodOptions(Map.of(), RewardType.SCORE);
    }

    /**
     * These options with one more.
     *
     * @param name without dashes
     * @param value as the user would type it
     * @return a changed copy
     */
    public MethodOptions with(String name, Object value) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(name, String.valueOf(value));
        return new MethodOptions(more, rewardType, demonstrations, rewards);
    }

    /**
     * These options for a reward of a type.
     *
     * @param type what the reward is
     * @return a changed copy
     */
    public MethodOptions with(RewardType type) {
        return new MethodOptions(values, type, demonstrations, rewards);
    }

    /**
     * These options with texts to imitate.
     *
     * @param texts the demonstrations
     * @return a changed copy
     */
    public MethodOptions with(Demonstrations texts) {
        return new MethodOptions(values, rewardType, texts, rewards);
    }

    /**
     * These options with rewards that settings may name.
     *
     * @param named from a name to a reward
     * @return a changed copy
     */
    public MethodOptions with(Moments.Rewards named) {
        return new MethodOptions(values, rewardType, demonstrations, named);
    }

    /**
     * Whether an option was given.
     *
     * @param name without dashes
     * @return false where the standard applies
     */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /**
     * An option's value.
     *
     * @param option the option
     * @return what was given, else its standard
     */
    public String text(MethodOption option) {
        return values.getOrDefault(option.name(), option.standard());
    }
}
