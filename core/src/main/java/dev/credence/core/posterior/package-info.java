/**
 * Posteriors that are known exactly: the tilt family of a reward, the posterior of a table under any evidence, moment
 * constraints, and the closed-form optima of objectives whose limit is no posterior.
 *
 * <p>What cannot be conditioned on is refused with {@link dev.credence.core.posterior.NoPosteriorException}. Nothing here
 * samples to estimate; estimation lives in {@code diagnostics} and {@code audit}.
 */
@NullMarked
package dev.credence.core.posterior;

import org.jspecify.annotations.NullMarked;
