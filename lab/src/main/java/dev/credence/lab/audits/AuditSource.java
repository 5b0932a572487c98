package dev.credence.lab.audits;

import java.io.IOException;

/**
 * What can be audited: a log ({@link LogAudit}), a table of outcomes ({@link TableAudit}), two models by texts that they draw,
 * by a log that they complete, or by all their texts ({@link ModelAudit}), a trainer's dump ({@link DumpAudit}).
 */
@FunctionalInterface
public interface AuditSource {
    /**
     * Audits it.
     *
     * @param request what is asked
     * @return the audits of its steps, and what they are of
     * @throws IOException if reading or writing fails
     * @throws dev.credence.core.provenance.InputException if the input or the request breaks a rule
     */
    AuditOutcome audit(AuditRequest request) throws IOException;
}
