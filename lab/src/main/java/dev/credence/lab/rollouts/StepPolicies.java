package dev.credence.lab.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.models.CheckpointSeries;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Which checkpoint drew which step's texts. A trainer draws a step's texts, then updates, then saves: the texts of step s are
 * of the policy after s − 1 updates. A log that records a policy as it is has those of checkpoint s.
 *
 * @param bySteps step to the model
 * @param left steps without one
 * @param late whether texts are put beside the checkpoint after their own update, for want of the one before
 */
public record StepPolicies(SortedMap<Long, String> bySteps, int left, boolean late) {
    /**
     * Copies the map.
     *
     * @param bySteps as above
     * @param left as above
     * @param late as above
     */
    public StepPolicies {
        bySteps = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(bySteps));
    }

    /**
     * Finds each step's checkpoint.
     *
     * @param steps of a dump
     * @param drawsBeforeUpdate whether a step's texts were drawn before its update
     * @param series the checkpoints
     * @return the pairs, at least one
     * @throws InputException if no step has one
     */
    public static StepPolicies of(SortedSet<Long> steps, boolean drawsBeforeUpdate, CheckpointSeries series) {
        StepPolicies exact = paired(steps, drawsBeforeUpdate ? 1 : 0, series, false);
        StepPolicies found = exact.bySteps.isEmpty() && drawsBeforeUpdate ? paired(steps, 0, series, true) : exact;
        if (found.bySteps.isEmpty()) {
            throw InputException.ofSetting(
                    "policies",
                    series.bySteps().keySet().toString(),
                    "no step of the dump (" + steps + ") has its checkpoint among these"
                            + (drawsBeforeUpdate ? "; a step's texts are of the checkpoint before it" : ""));
        }
        return found;
    }

    private static StepPolicies paired(SortedSet<Long> steps, int before, CheckpointSeries series, boolean late) {
        SortedMap<Long, String> pairs = new TreeMap<>();
        for (long step : steps) {
            String model = series.bySteps().get(step - before);
            if (model != null) {
                pairs.put(step, model);
            }
        }
        return new StepPolicies(pairs, steps.size() - pairs.size(), late);
    }
}
