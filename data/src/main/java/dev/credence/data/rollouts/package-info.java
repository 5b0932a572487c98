/**
 * Rollout logs: reading JSON Lines and Parquet into {@link dev.credence.core.audit.RolloutLog}s, and making synthetic ones.
 *
 * <p>Two parsers read a line: Jackson, which knows every rule and words every error, and a template scanner, which reads
 * only records of a shape that Jackson has accepted before and hands anything unusual back to it. Estimating lives in
 * {@code core.audit}.
 */
@NullMarked
package dev.credence.data.rollouts;

import org.jspecify.annotations.NullMarked;
