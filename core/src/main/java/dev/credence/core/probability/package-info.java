/**
 * Distributions over named texts, tables of them by prompt, divergences between them, and arithmetic on logarithms.
 *
 * <p>Everything is in nats and doubles. No evidence, no reward and no estimation from samples lives here.
 */
@org.jspecify.annotations.NullMarked
package dev.credence.core.probability;
