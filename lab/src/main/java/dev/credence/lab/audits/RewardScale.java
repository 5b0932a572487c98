package dev.credence.lab.audits;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;

/**
 * Holds the size of rewards against what an audit can compute with: the regression on the squared reward takes their eighth
 * power, which no number holds where rewards are too large, and which is nought where they hardly differ.
 */
final class RewardScale {
    /** The largest reward, and one over the smallest spread: its eighth power is a number. */
    private static final double MOST = 1e30;

    private final String input;
    private final String name;
    private final String kind;
    private double lowest = Double.POSITIVE_INFINITY;
    private double highest = Double.NEGATIVE_INFINITY;

    /**
     * Of a reward of which nothing was seen yet.
     *
     * @param input where the rewards come from, for an error
     * @param name the reward's name
     * @param kind what stands before it where it is a part of another: {@code field:} or {@code table:}
     */
    RewardScale(String input, String name, String kind) {
        this.input = input;
        this.name = name;
        this.kind = kind;
    }

    /**
     * Checks every reward of one name in a log.
     *
     * @param input where the log comes from
     * @param log the records
     * @param name the reward
     * @throws InputException if they are too large, or differ, by too little
     */
    static void check(String input, RolloutLog log, String name) {
        RewardScale scale = new RewardScale(input, name, "field:");
        double[] rewards = log.columns().rewards()[log.rewardNames().indexOf(name)];
        for (RolloutLog.Prompt prompt : log.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++) {
                scale.see(prompt.text(), rewards[i]);
            }
        }
        scale.check();
    }

    /**
     * Sees one reward.
     *
     * @param prompt whose text has it
     * @param reward the reward
     * @throws InputException if it is too large
     */
    void see(String prompt, double reward) {
        if (Math.abs(reward) > MOST) {
            throw new InputException(
                    input,
                    0,
                    name,
                    reward + " of a text for the prompt '" + prompt + "'",
                    "the rewards of an audit lie between -1e30 and 1e30; scale them, and beta with them, as in "
                            + remedy(reward));
        }
        lowest = Math.min(lowest, reward);
        highest = Math.max(highest, reward);
    }

    /**
     * After all were seen.
     *
     * @throws InputException if they differ, by too little
     */
    void check() {
        double spread = highest - lowest;
        if (spread > 0 && spread < 1 / MOST) {
            throw new InputException(
                    input,
                    0,
                    name,
                    "between " + lowest + " and " + highest,
                    "the rewards of an audit are equal or at least 1e-30 apart; scale them, and beta with them, as in "
                            + remedy(spread));
        }
    }

    private String remedy(double size) {
        return "the reward 1e" + (int) -Math.floor(Math.log10(Math.abs(size))) + "*" + kind + name;
    }
}
