package dev.credence.core.audit;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete audit.
 *
 * @param beta the KL coefficient that was asked, or null
 * @param reward the name of the reward audited
 * @param rewardType how copies of it are worded
 * @param steps one audit a training step, in order; a single one where the input has no steps
 * @param provenance what it was computed from and with
 * @param thresholds what was demanded of the last step's figures, and whether it held; empty where nothing was
 */
public record AuditReport(
        @Nullable Double beta,
        String reward,
        RewardType rewardType,
        List<StepAudit> steps,
        Provenance provenance,
        List<ThresholdOutcome> thresholds) {
    /**
     * Copies the list of thresholds.
     *
     * @param beta as above
     * @param reward as above
     * @param rewardType as above
     * @param steps as above
     * @param provenance as above
     * @param thresholds as above
     */
    public AuditReport {
        thresholds = List.copyOf(thresholds);
    }

    /**
     * An audit of which nothing was demanded.
     *
     * @param beta as above
     * @param reward as above
     * @param rewardType as above
     * @param steps as above
     * @param provenance as above
     */
    public AuditReport(
            @Nullable Double beta, String reward, RewardType rewardType, List<StepAudit> steps, Provenance provenance) {
        this(beta, reward, rewardType, steps, provenance, List.of());
    }

    /**
     * The same with the outcome of thresholds.
     *
     * @param outcomes one a threshold, in the order they were given
     * @return the report
     */
    public AuditReport withThresholds(List<ThresholdOutcome> outcomes) {
        return new AuditReport(beta, reward, rewardType, steps, provenance, outcomes);
    }

    /** {@return the audit that thresholds and exit codes speak of: the last step's} */
    public StepAudit last() {
        return steps.get(steps.size() - 1);
    }
}
