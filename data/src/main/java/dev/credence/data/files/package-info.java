/**
 * Files as a whole: atomic writing, and what a user's file arguments (globs, folders, standard input) stand for.
 *
 * <p>What is in a file is the business of the other packages.
 */
@NullMarked
package dev.credence.data.files;

import org.jspecify.annotations.NullMarked;
