/**
 * What can be typed: the one place of option names, their explanations and their defaults. Each holder is filled by the parser
 * and builds the typed settings that the library takes.
 */
@NullMarked
package dev.credence.app.options;

import org.jspecify.annotations.NullMarked;
