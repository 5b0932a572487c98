/**
 * The audit: from weighted records (or an exact table) to findings with intervals, gates, candidates and a verdict.
 *
 * <p>The estimates are the table formulas on the pooled records, so one code serves tables and logs. Reading logs and
 * writing reports live elsewhere.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.audit;
