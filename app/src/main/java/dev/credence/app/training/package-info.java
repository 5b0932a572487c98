/**
 * Training runs: their settings, each with its default and its explanation in one place, what they are made of (corpus,
 * tokenizer, model), and the loop that takes the steps, measures, and keeps checkpoints to go on from.
 *
 * <p>The gradient is the policy's business (module torch), the folder the run store's (module data).
 */
@NullMarked
package dev.credence.app.training;

import org.jspecify.annotations.NullMarked;
