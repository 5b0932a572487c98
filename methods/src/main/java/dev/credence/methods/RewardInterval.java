package dev.credence.methods;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;

/**
 * A reward, or all rewards from one to another; written V or V..W.
 *
 * @param lowest the least, included
 * @param highest the largest, included
 */
public record RewardInterval(double lowest, double highest) {
    /**
     * Checks the order.
     *
     * @param lowest as above
     * @param highest as above
     * @throws InputException unless lowest ≤ highest
     */
    public RewardInterval {
        if (!(lowest <= highest)) {
            String words = SettingText.of(lowest) + ".." + SettingText.of(highest);
            throw InputException.ofSetting("level", words, "the range's first number must not exceed its second");
        }
    }

    /** Reads V or V..W, of a setting of the given name. */
    static RewardInterval parse(String name, String text) {
        int dots = text.indexOf("..");
        double low;
        double high;
        try {
            low = NumberText.parse(dots < 0 ? text : text.substring(0, dots));
            high = dots < 0 ? low : NumberText.parse(text.substring(dots + 2));
        } catch (NumberFormatException e) {
            throw InputException.ofSetting(name, text, "it must be a number, or a range such as 1..2");
        }
        if (!(low <= high)) {
            throw InputException.ofSetting(name, text, "the range's first number must not exceed its second");
        }
        return new RewardInterval(low, high);
    }

    boolean contains(double reward) {
        return lowest <= reward && reward <= highest;
    }

    @Override
    public String toString() {
        return lowest == highest ? SettingText.of(lowest) : SettingText.of(lowest) + ".." + SettingText.of(highest);
    }
}
