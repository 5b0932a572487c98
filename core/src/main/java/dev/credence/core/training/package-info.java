/**
 * The port that every gradient method trains through: a policy that takes a step along Σ w ∇log π, with the weights w made
 * in plain Java from the log-probabilities it has just computed, and the settings of the optimiser.
 *
 * <p>No tensor lives here (module torch) and no method (module methods).
 */
@NullMarked
package dev.credence.core.training;

import org.jspecify.annotations.NullMarked;
