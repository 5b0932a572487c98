package dev.credence.app.view;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.report.NamedAudit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An audit and what to call it.
 *
 * @param title what was audited, as short as a file's name
 * @param described how many records of what
 * @param aimed what the method that made the policy aims at, or null
 * @param report the audit
 */
public record Audited(
        String title, String described, @Nullable String aimed, AuditReport report) {
    /** {@return the audit that counts: the last step's} */
    public StepAudit last() {
        return report.last();
    }

    /**
     * The same with the outcome of thresholds.
     *
     * @param thresholds one a threshold
     * @return the audit with them
     */
    public Audited with(List<ThresholdOutcome> thresholds) {
        return new Audited(title, described, aimed, report.withThresholds(thresholds));
    }

    /** {@return it as the report shows it} */
    public NamedAudit named() {
        return new NamedAudit(title, aimed, report);
    }
}
