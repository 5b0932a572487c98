/**
 * What can be typed: the one place of option names, their explanations and their defaults. Each holder is filled by the parser
 * and builds the typed settings that the library takes. What is in a user's configuration, and which files may be written, is
 * known here too.
 */
@NullMarked
package dev.credence.app.options;

import org.jspecify.annotations.NullMarked;
