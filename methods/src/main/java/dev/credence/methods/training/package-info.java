/**
 * Conditioning by training: tasks, rollouts, the objectives of the gradient methods as weights of log-probabilities, the
 * loop that runs them on any {@link dev.credence.core.training.TrainablePolicy}, and a policy that is a table.
 *
 * <p>Each method is one class that states its aim; limits that are no posterior are in closed form beside it. No tensor
 * lives here (module torch).
 */
@NullMarked
package dev.credence.methods.training;

import org.jspecify.annotations.NullMarked;
