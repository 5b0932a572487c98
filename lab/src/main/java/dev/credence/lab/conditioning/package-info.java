/** Models conditioned by training: what such a run needs beside the method, and how it is kept in a folder. */
@NullMarked
package dev.credence.lab.conditioning;

import org.jspecify.annotations.NullMarked;
