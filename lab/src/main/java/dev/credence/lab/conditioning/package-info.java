/** Models conditioned by training: what such a run needs beside the method. */
@NullMarked
package dev.credence.lab.conditioning;

import org.jspecify.annotations.NullMarked;
