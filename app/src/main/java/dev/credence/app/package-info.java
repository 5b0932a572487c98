/** The command line, where the other modules meet: the only user of the standard streams and of exit codes. */
@NullMarked
package dev.credence.app;

import org.jspecify.annotations.NullMarked;
