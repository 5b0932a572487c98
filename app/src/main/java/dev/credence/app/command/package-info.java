/**
 * The commands, one class each: options in, library calls, text and JSON out. A command computes no figure itself.
 *
 * <p>How figures look as text is the business of {@code print}; where text goes is the {@code console}'s.
 */
@NullMarked
package dev.credence.app.command;

import org.jspecify.annotations.NullMarked;
