/**
 * Talking to a person at a terminal: the two streams, colours, glyphs that the terminal can show, tables, progress.
 *
 * <p>Nothing here knows what an audit is, and nothing here opens a standard stream: a {@link Console} is handed in.
 */
@NullMarked
package dev.credence.app.console;

import org.jspecify.annotations.NullMarked;
