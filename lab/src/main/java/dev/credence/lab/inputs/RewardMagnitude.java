package dev.credence.lab.inputs;

import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the size of rewards against what an audit can compute with: the regression on the squared reward takes their eighth
 * power, which no number holds where rewards are too large, and which is nought where they hardly differ.
 */
public final class RewardMagnitude {
    /** The largest reward, and one over the smallest spread: its eighth power is a number. */
    private static final double MOST = 1e30;

    private final String input;
    private final String name;
    private final @Nullable String
            kind; // what stands before the name in an expression; null of a table, which is scaled itself
    private double lowest = Double.POSITIVE_INFINITY;
    private double highest = Double.NEGATIVE_INFINITY;

    private RewardMagnitude(String input, String name, @Nullable String kind) {
        this.input = input;
        this.name = name;
        this.kind = kind;
    }

    /**
     * Checks every reward of one name in a log.
     *
     * @param input where the log comes from, for an error
     * @param log the records
     * @param name the reward
     * @throws InputException if they are too large, or differ, by too little
     */
    public static void check(String input, RolloutLog log, String name) {
        RewardMagnitude scale = new RewardMagnitude(input, name, "field:");
        double[] rewards = log.columns().rewards()[log.rewardNames().indexOf(name)];
        for (RolloutLog.Prompt prompt : log.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++) {
                scale.see(prompt.text(), rewards[i]);
            }
        }
        scale.checkSpread();
    }

    /**
     * Checks the reward of every text of a table.
     *
     * @param input where the table comes from, for an error; empty for a setting
     * @param prior the texts
     * @param name the reward's name
     * @param reward the reward
     * @throws InputException if they are too large, or differ, by too little
     */
    public static void check(String input, TableModel prior, String name, RewardFunction reward) {
        RewardMagnitude scale = new RewardMagnitude(input, name, null);
        for (String prompt : prior.prompts()) {
            for (double value : reward.rewards(prompt, prior.given(prompt))) {
                scale.see(prompt, value);
            }
        }
        scale.checkSpread();
    }

    /**
     * Checks the rewards of every completion of a model.
     *
     * @param input where the prompts come from, for an error
     * @param prompts all completions of each
     * @param names of the rewards, in the order of the columns
     * @throws InputException if they are too large, or differ, by too little
     */
    public static void check(String input, List<ExactPrompt> prompts, List<String> names) {
        for (int column = 0; column < names.size(); column++) {
            RewardMagnitude scale = new RewardMagnitude(input, names.get(column), "");
            for (ExactPrompt prompt : prompts) {
                for (double value : prompt.rewards()[column]) {
                    scale.see(prompt.text(), value);
                }
            }
            scale.checkSpread();
        }
    }

    private void see(String prompt, double reward) {
        if (Double.isInfinite(reward)) {
            return; // a text that is in no conditional
        }
        if (Math.abs(reward) > MOST) {
            throw wrong(
                    reward + " of a text for the prompt '" + prompt + "'",
                    "the rewards of an audit lie between -1e30 and 1e30",
                    reward);
        }
        lowest = Math.min(lowest, reward);
        highest = Math.max(highest, reward);
    }

    private void checkSpread() {
        double spread = highest - lowest;
        if (spread > 0 && spread < 1 / MOST) {
            throw wrong(
                    "between " + lowest + " and " + highest,
                    "the rewards of an audit are equal or at least 1e-30 apart",
                    spread);
        }
    }

    private InputException wrong(String value, String rule, double size) {
        String factor = "1e" + (int) -Math.floor(Math.log10(Math.abs(size)));
        String mended = kind == null
                ? rule + "; multiply them by " + factor + " where they are written, and beta with them"
                : rule + "; scale them, and beta with them, as in the reward " + factor + "*" + kind + name;
        return input.isEmpty()
                ? InputException.ofSetting("reward", value, mended)
                : new InputException(input, 0, name, value, mended);
    }
}
