package dev.credence.lab.audits;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.inputs.RewardName;
import org.jspecify.annotations.Nullable;

/** The range of a reward as it follows from how the reward is computed. */
public final class ComputedRange {
    private ComputedRange() {}

    /**
     * A range as it is written down.
     *
     * @param range any
     * @return such as {@code 0..1}
     */
    public static String word(AuditOptions.Range range) {
        return number(range.lowest()) + ".." + number(range.highest());
    }

    private static String number(double x) {
        return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
    }

    /** What is known of a reward before any text is seen: its range; null where an end is open, or nothing is known. */
    static AuditOptions.@Nullable Range known(@Nullable String typed) {
        RewardName reward = typed == null ? null : RewardName.of(typed);
        if (reward == null || !reward.isExpression() || reward.text().startsWith("table:")) {
            return null;
        }
        ValueBounds range = range(reward.text());
        boolean isBounded = range.lower() > Double.NEGATIVE_INFINITY && range.upper() < Double.POSITIVE_INFINITY;
        return isBounded ? new AuditOptions.Range(range.lower(), range.upper()) : null;
    }

    /** Programs and servers are asked for as well: nothing is known of them, but of what caps them. */
    private static ValueBounds range(String text) {
        try {
            return RewardExpression.parseTogether(text).range();
        } catch (InputException e) {
            return ValueBounds.UNKNOWN; // it is no expression here, which is for the reading of the input to say
        }
    }
}
