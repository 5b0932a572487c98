/**
 * Predictive models over token sequences: the port that transformers, policies and endpoints implement, the arithmetic of
 * drawing a token, and the enumeration of all completions.
 *
 * <p>No tokenizer and no text lives here (module hub), and no tensor (module torch).
 */
@NullMarked
package dev.credence.core.model;

import org.jspecify.annotations.NullMarked;
