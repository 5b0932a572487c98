package dev.credence.report;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a section looks at: one audit, and of its steps the one that is shown in full (the last).
 *
 * @param index position of the audit in the document
 * @param named the audit
 */
record View(int index, NamedAudit named) {
    /** {@return the audit} */
    AuditReport audit() {
        return named.audit();
    }

    /** {@return the step shown in full} */
    StepAudit step() {
        List<StepAudit> steps = audit().steps();
        return steps.get(steps.size() - 1);
    }

    /** {@return whether there are several steps} */
    boolean hasSteps() {
        return audit().steps().size() > 1;
    }

    /** {@return an overall figure of the step shown, or null where the audit lacks it} */
    @Nullable
    Finding finding(String id) {
        return step().findings().get(id);
    }

    /** {@return an identifier that is unique on the page} */
    String anchor(String part) {
        return "audit-" + (index + 1) + "-" + part;
    }

    /** {@return the identifier of the audit itself} */
    String anchor() {
        return "audit-" + (index + 1);
    }
}
