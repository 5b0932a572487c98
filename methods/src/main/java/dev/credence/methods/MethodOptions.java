package dev.credence.methods;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Options as the user gave them; what was not given takes the method's standard.
 *
 * @param values name without dashes to value
 * @param rewardType what the reward is; a soft filter reads it to know how to accept
 * @param demonstrations texts to imitate, where the method takes them
 */
public record MethodOptions(Map<String, String> values, RewardType rewardType, Demonstrations demonstrations) {
    /**
     * Copies the map.
     *
     * @param values as above
     * @param rewardType as above
     * @param demonstrations as above
     */
    public MethodOptions {
        values = Map.copyOf(values);
    }

    /**
     * Options without demonstrations.
     *
     * @param values as above
     * @param rewardType as above
     */
    public MethodOptions(Map<String, String> values, RewardType rewardType) {
        this(values, rewardType, Demonstrations.NONE);
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
        return new MethodOptions(more, rewardType, demonstrations);
    }

    /**
     * These options for a reward of a type.
     *
     * @param type what the reward is
     * @return a changed copy
     */
    public MethodOptions with(RewardType type) {
        return new MethodOptions(values, type, demonstrations);
    }

    /**
     * These options with texts to imitate.
     *
     * @param texts the demonstrations
     * @return a changed copy
     */
    public MethodOptions with(Demonstrations texts) {
        return new MethodOptions(values, rewardType, texts);
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

    /**
     * An option that is a number, and may be absent.
     *
     * @param option the option
     * @return empty where neither given nor standard
     * @throws InputException if it is not a number
     */
    public OptionalDouble optionalNumber(MethodOption option) {
        String text = text(option);
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isNaN(value)) {
                throw refuse(option, "it must be a number");
            }
            return OptionalDouble.of(value);
        } catch (NumberFormatException e) {
            throw refuse(option, "it must be a number");
        }
    }

    /**
     * An option that is a number.
     *
     * @param option the option
     * @return its value
     * @throws InputException if it is missing or not a number
     */
    public double number(MethodOption option) {
        return optionalNumber(option)
                .orElseThrow(() -> InputException.ofOption("--" + option.name(), "missing", option.help()));
    }

    /**
     * An option that counts something.
     *
     * @param option the option
     * @return its value, at least 1
     * @throws InputException if it is missing or not a whole number above 0
     */
    public int count(MethodOption option) {
        double value = number(option);
        if (!(value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
            throw refuse(option, "it must be a whole number of at least 1");
        }
        return (int) value;
    }

    /**
     * An option that is a number in a range.
     *
     * @param option the option
     * @param least included
     * @param most included
     * @return its value
     * @throws InputException if it is missing, not a number or outside
     */
    public double numberIn(MethodOption option, double least, double most) {
        double value = number(option);
        if (!(value >= least && value <= most)) {
            throw refuse(option, "it must be in [" + least + ", " + most + "]");
        }
        return value;
    }

    /**
     * An option that is a number above 0.
     *
     * @param option the option
     * @return its value, finite
     * @throws InputException if it is missing, not a number, or not positive and finite
     */
    public double positive(MethodOption option) {
        double value = number(option);
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw refuse(option, "it must be positive and finite");
        }
        return value;
    }

    /**
     * An option that is given or not.
     *
     * @param option the option, whose standard is {@code false}
     * @return whether it was given
     * @throws InputException if it is neither true nor false
     */
    public boolean flag(MethodOption option) {
        return switch (text(option)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refuse(option, "it is true or false");
        };
    }

    /**
     * λ = 1/β.
     *
     * @param beta the option of the KL coefficient
     * @return copies; ∞ for β = 0
     * @throws InputException unless β ≥ 0
     */
    public double copies(MethodOption beta) {
        double value = number(beta);
        if (!(value >= 0)) {
            throw refuse(beta, "the KL coefficient must be >= 0 (0 is the limit on the largest rewards)");
        }
        return 1 / Math.abs(value); // −0 is 0
    }

    /**
     * A share of the whole.
     *
     * @param option the option
     * @return in (0, 1]
     * @throws InputException if it is not
     */
    public double share(MethodOption option) {
        double value = number(option);
        if (!(value > 0 && value <= 1)) {
            throw refuse(option, "it must be in (0, 1]");
        }
        return value;
    }

    /**
     * Everything that is in force, for the record of a run.
     *
     * @param options those of the method
     * @return name to value, given or standard; without those that have neither
     */
    public Map<String, String> inForce(List<MethodOption> options) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (MethodOption option : options) {
            if (!text(option).isEmpty()) {
                settings.put(option.name(), text(option));
            }
        }
        return settings;
    }

    /**
     * Refuses an option's value.
     *
     * @param option the option
     * @param rule that it breaks
     * @return to be thrown
     */
    public InputException refuse(MethodOption option, String rule) {
        return InputException.ofOption("--" + option.name(), text(option), rule);
    }
}
