/**
 * Rollouts: drawn from two models and scored under both ({@link dev.credence.lab.rollouts.RolloutRun}), or a log from elsewhere
 * completed ({@link dev.credence.lab.rollouts.LogCompletion}). What is drawn is kept as it is drawn.
 */
@NullMarked
package dev.credence.lab.rollouts;

import org.jspecify.annotations.NullMarked;
