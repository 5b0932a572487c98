package dev.credence.lab.audits;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.InputException;

/**
 * A log that was drawn to see how many records a wanted width takes.
 *
 * @param outcome its audit
 * @param log the records of its last step
 * @param options what the audit was asked
 */
public record Pilot(AuditOutcome outcome, RolloutLog log, AuditOptions options) {
    /** {@return the audit of the last step} */
    public StepAudit audit() {
        return outcome.last();
    }

    /**
     * Plans from it.
     *
     * @param figure the figure's id, such as {@code bayes_fraction}
     * @param width full width wanted of its 95 % interval, in the figure's unit; positive and finite
     * @return the plan
     * @throws InputException naming the figure that the pilot has not, or the width
     */
    public PilotPlan plan(String figure, double width) {
        return PilotPlan.of(this, figure, width);
    }
}
