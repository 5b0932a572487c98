/** What users name: worlds, and rewards of a log, of a world or of texts, with the names and hashes of what was read. */
@NullMarked
package dev.credence.lab.inputs;

import org.jspecify.annotations.NullMarked;
