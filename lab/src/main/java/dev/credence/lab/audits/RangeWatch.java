package dev.credence.lab.audits;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;

/**
 * Holds what is said of a reward's range against every reward at hand. What was declared must be true; that a probability
 * lies between 0 and 1 is relied on only where it does, since the reward's type decides words and no number.
 */
final class RangeWatch {
    private static final AuditOptions.Range PROBABILITY = new AuditOptions.Range(0, 1);

    private final AuditRequest request;
    private final String input;
    private boolean isProbability;

    /**
     * A watch that has seen nothing yet.
     *
     * @param request what was declared
     * @param input where the rewards come from, for an error
     */
    RangeWatch(AuditRequest request, String input) {
        this.request = request;
        this.input = input;
        this.isProbability = request.rewardType() == RewardType.PROBABILITY;
    }

    /** Sees every reward of one name in a log. */
    void see(RolloutLog log, String name) {
        double[] rewards = log.columns().rewards()[log.rewardNames().indexOf(name)];
        for (RolloutLog.Prompt prompt : log.prompts()) {
            for (int i = prompt.from(); i < prompt.to(); i++) {
                see(prompt.text(), rewards[i]);
            }
        }
    }

    /**
     * Sees one reward.
     *
     * @param prompt whose text has it
     * @param reward the reward
     * @throws InputException if it lies outside the range that was declared
     */
    void see(String prompt, double reward) {
        AuditOptions.Range declared = request.range();
        if (declared != null && !within(declared, reward)) {
            throw new InputException(
                    input,
                    0,
                    "reward",
                    reward + " of a text for the prompt '" + prompt + "'",
                    "every reward lies within " + ComputedRange.word(declared) + ", as was declared");
        }
        isProbability &= within(PROBABILITY, reward);
    }

    private static boolean within(AuditOptions.Range range, double reward) {
        return range.lowest() <= reward && reward <= range.highest();
    }

    /** Whether the reward is a probability and every one seen lies between 0 and 1. */
    boolean isProbability() {
        return isProbability;
    }

    /** The options with the range that holds. */
    AuditOptions on(AuditOptions options) {
        return on(options, isProbability);
    }

    /** The options with the range that holds where it is known whether the reward is a probability. */
    static AuditOptions on(AuditOptions options, boolean isProbability) {
        return options.range() == null && isProbability ? options.within(PROBABILITY) : options;
    }
}
