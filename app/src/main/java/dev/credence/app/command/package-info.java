/**
 * The commands, one class each: options in, library calls, text and JSON out. A command computes no figure itself.
 *
 * <p>What can be typed is the business of {@code options}, how figures look that of {@code view}; where text goes is the
 * {@code console}'s. Commands use all three, views use options, and none of them a command.
 */
@NullMarked
package dev.credence.app.command;

import org.jspecify.annotations.NullMarked;
