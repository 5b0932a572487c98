/**
 * Priors small enough to be known exactly, and the worlds that ship with Credence. A {@link dev.credence.worlds.TableWorld} writes
 * every text down ({@code TableWorlds} reads it: YAML or CSV); a {@link dev.credence.worlds.Network} is a Bayesian network whose
 * visible variables render to texts ({@code Networks} reads it, {@code Elimination} sums and draws from it exactly, {@code Inference}
 * is what it says, {@code Projection} makes a table of it, {@code NetworkGraph} draws it).
 *
 * <p>What is asked of a world, its evidence and posterior, is core's.
 */
@NullMarked
package dev.credence.worlds;

import org.jspecify.annotations.NullMarked;
