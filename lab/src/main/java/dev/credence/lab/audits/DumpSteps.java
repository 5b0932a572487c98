package dev.credence.lab.audits;

import dev.credence.core.provenance.InputException;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Which steps of a trainer's dump are audited, and against which policies. A trainer writes a step's texts before its update:
 * those of step N are of the checkpoint before.
 *
 * @param step the only step, its number or {@code last}; null where the dump has one alone, or all are audited
 * @param policies a pattern of checkpoint folders such as {@code run/checkpoint-*}: each step is audited against the one that
 *     drew it; null where one policy is named
 */
public record DumpSteps(@Nullable String step, @Nullable String policies) {
    /** {@return the only step of the dump} */
    public static DumpSteps only() {
        return new DumpSteps(null, null);
    }

    /** The step to audit of those that there are; null where there is none. */
    @Nullable
    Long choose(SortedSet<Long> steps) {
        if (steps.isEmpty()) {
            if (step != null) {
                throw InputException.ofSetting("step", step, "the log's records have no step");
            }
            return null;
        }
        if (step == null && steps.size() > 1) {
            throw InputException.ofSetting(
                    "step",
                    "missing",
                    "the log has " + steps.size() + " steps, " + steps.first() + " to " + steps.last()
                            + ", and a policy for each: name one, or 'last', or the policies of all");
        }
        if (step == null || step.equals("last")) {
            return steps.last();
        }
        if (!step.matches("[0-9]{1,15}") || !steps.contains(Long.valueOf(step))) {
            throw InputException.ofSetting("step", step, "the log has steps " + steps + ", or say 'last'");
        }
        return Long.valueOf(step);
    }
}
