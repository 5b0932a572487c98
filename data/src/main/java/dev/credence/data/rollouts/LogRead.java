package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.Provenance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was read.
 *
 * @param steps one log a training step, in the order of the steps; a single one where the log has no steps
 * @param inputs the files, with their hashes
 * @param skipped the records that broke a rule and were left out
 * @param unweighted records of other sources that name no {@code logp_source}, and so were left out
 * @param pooledPolicies the files that hold policy records of a prompt and step of which another file holds some too: their
 *     records stand together, as if one policy had drawn them
 */
public record LogRead(
        List<StepLog> steps,
        List<Provenance.Input> inputs,
        Skipped skipped,
        long unweighted,
        List<String> pooledPolicies) {
    /**
     * The log of one step.
     *
     * @param step the step, or null where the log has none
     * @param log its records
     */
    public record StepLog(@Nullable Long step, RolloutLog log) {}

    /**
     * Records that broke a rule.
     *
     * @param count how many
     * @param first what was wrong with the first ones, as an error would say it
     */
    public record Skipped(long count, List<String> first) {
        /** How many are listed. */
        public static final int LISTED = 20;
    }

    /** {@return the number of records, over all steps} */
    public long records() {
        return steps.stream().mapToLong(step -> step.log().size()).sum();
    }
}
