package dev.credence.report;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.figures.DataTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An audit under the name that the report gives it.
 *
 * @param name what was audited, such as the log's name
 * @param aimed what the method that made the policy converges to, in words that follow "aimed at", or null where no
 *     method was named
 * @param audit the audit
 * @param texts tables of texts behind the figures; none where they are not at hand
 */
public record NamedAudit(String name, @Nullable String aimed, AuditReport audit, List<DataTable> texts) {
    /**
     * Checks that there is something to show.
     *
     * @param name what was audited
     * @param aimed what the method converges to, or null
     * @param audit the audit, of at least one step
     * @param texts tables of texts
     */
    public NamedAudit {
        if (audit.steps().isEmpty()) {
            throw new IllegalArgumentException("audit.steps is empty, must hold at least one step: " + name);
        }
        texts = List.copyOf(texts);
    }

    /**
     * An audit whose texts are not at hand.
     *
     * @param name what was audited
     * @param aimed what the method converges to, or null
     * @param audit the audit
     */
    public NamedAudit(String name, @Nullable String aimed, AuditReport audit) {
        this(name, aimed, audit, List.of());
    }

    /**
     * An audit of a policy whose method is not known.
     *
     * @param name what was audited
     * @param audit the audit
     */
    public NamedAudit(String name, AuditReport audit) {
        this(name, null, audit);
    }

    /**
     * The same with texts.
     *
     * @param shown tables of them
     * @return the audit with them in the place of its own
     */
    public NamedAudit with(List<DataTable> shown) {
        return new NamedAudit(name, aimed, audit, shown);
    }
}
