/**
 * Audits and sweeps on Apache Spark. Spark shares out the work and moves the parts; what is computed of them is computed by the
 * code that computes it on one machine ({@link dev.credence.lab.audits.PartedAudit}), so that figures are the same.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.spark;
