/** Micro-benchmarks of the hot paths; no test and no result depends on them. */
@NullMarked
package dev.credence.bench.jmh;

import org.jspecify.annotations.NullMarked;
