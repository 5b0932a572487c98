package dev.credence.methods;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Mean rewards that are wanted together. Written one a line: a number for the reward that is asked, or {@code REWARD=MEAN}.
 *
 * @param all in their order
 */
public record Moments(List<Moment> all) {
    /** None is wanted. */
    public static final Moments NONE = new Moments(List.of());

    /**
     * One of them.
     *
     * @param reward its name, or empty for the reward that is asked
     * @param mean wanted
     * @param function the reward, or null for the one that is asked
     */
    public record Moment(
            String reward, double mean, @Nullable RewardFunction function) {
        @Override
        public String toString() {
            return (reward.isEmpty() ? "" : reward + "=") + SettingText.of(mean);
        }
    }

    /** From names to rewards. */
    @FunctionalInterface
    public interface Rewards {
        /** No reward has a name. */
        Rewards NONE = (setting, name) -> {
            throw InputException.ofSetting(
                    setting, name, "no reward can be named here: give the mean of the reward that is asked");
        };

        /**
         * A reward by its name.
         *
         * @param setting that names it, for the message
         * @param name as written
         * @return the reward
         * @throws InputException if there is none
         */
        RewardFunction named(String setting, String name);
    }

    /**
     * Copies the list.
     *
     * @param all as above
     * @throws InputException if a mean is no finite number, or a reward is there twice
     */
    public Moments {
        all = List.copyOf(all);
        Set<String> names = new HashSet<>();
        for (Moment moment : all) {
            if (!(Math.abs(moment.mean) < Double.POSITIVE_INFINITY)) {
                throw InputException.ofSetting("moment", moment.toString(), "a mean must be a finite number");
            }
            if (!names.add(moment.reward)) {
                throw InputException.ofSetting("moment", moment.toString(), "a reward has one mean: it is given twice");
            }
        }
    }

    /**
     * The mean of the reward that is asked.
     *
     * @param mean wanted
     * @return it alone
     */
    public static Moments of(double mean) {
        return new Moments(List.of(new Moment("", mean, null)));
    }

    /**
     * These and another.
     *
     * @param name of the reward
     * @param reward the reward
     * @param mean wanted
     * @return all of them
     */
    public Moments and(String name, RewardFunction reward, double mean) {
        List<Moment> more = new ArrayList<>(all);
        more.add(new Moment(name, mean, reward));
        return new Moments(more);
    }

    /** Reads them, of a setting of the given name. */
    static Moments parse(String setting, String text, Rewards rewards) {
        List<Moment> all = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int at = line.lastIndexOf('=');
            String name = line.substring(0, Math.max(0, at)).strip();
            double mean;
            try {
                mean = NumberText.parse(line.substring(at + 1));
            } catch (NumberFormatException e) {
                throw InputException.ofSetting(
                        setting, line, "it must be a number, the mean of the reward that is asked, or REWARD=NUMBER");
            }
            if (at >= 0 && name.isEmpty()) {
                throw InputException.ofSetting(setting, line, "a reward's name stands before the sign: REWARD=NUMBER");
            }
            all.add(new Moment(name, mean, name.isEmpty() ? null : rewards.named(setting, name)));
        }
        return new Moments(all);
    }

    @Override
    public String toString() {
        return all.stream().map(Moment::toString).collect(Collectors.joining("\n"));
    }
}
