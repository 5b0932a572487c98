/** The library that people call: what the command line does, without its options, printing and exit codes. */
@NullMarked
package dev.credence.lab;

import org.jspecify.annotations.NullMarked;
