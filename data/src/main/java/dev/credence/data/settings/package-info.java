/**
 * Settings that a user keeps in a file: a YAML map of names to values, walked name by name with their lines.
 *
 * <p>Which names there are, and what their values mean, is the business of whoever asks. Worlds have a reader of their own.
 */
@NullMarked
package dev.credence.data.settings;

import org.jspecify.annotations.NullMarked;
