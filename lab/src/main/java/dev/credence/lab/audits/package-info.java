/**
 * Audits of whatever is at hand. An {@link dev.credence.lab.audits.AuditRequest} says what is asked, an {@link
 * dev.credence.lab.audits.AuditSource} what it is asked of: a log ({@code LogAudit}), a table ({@code TableAudit}), two models, by
 * texts that they draw, a log that they complete or all their texts ({@code ModelAudit}), or a trainer's dump ({@code DumpAudit}).
 * {@code AuditOutcome} is what comes out, with the limits that figures must keep ({@code Threshold}); {@code PilotPlan} says from a
 * pilot how many records an interval takes.
 *
 * <p>The figures are those of {@code core.audit}, the reading of logs is {@code data.rollouts}'. How the outcome is printed, and with
 * which exit code a program ends, is the command line's.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.lab.audits;
