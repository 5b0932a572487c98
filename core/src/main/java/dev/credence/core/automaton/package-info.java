/**
 * Automata on texts and on the tokens that spell them: what the beginning of a text says of everything that may follow.
 *
 * <p>A pattern of {@code java.util.regex}, a text to be found or a list of weighted words becomes a deterministic machine on
 * characters ({@link dev.credence.core.automaton.TextMachine}); with the bytes of each token it becomes one on tokens that
 * bounds a number before the text is complete ({@link dev.credence.core.automaton.TokenMachine}). No tokenizer lives here.
 */
@NullMarked
package dev.credence.core.automaton;

import org.jspecify.annotations.NullMarked;
