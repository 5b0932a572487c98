/** Micro-benchmarks of the hot paths; no test and no result depends on them. */
@NullMarked
package dev.credence.bench;

import org.jspecify.annotations.NullMarked;
