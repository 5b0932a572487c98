/**
 * Every method on random tables, run to its limit and compared with closed forms that are written here a second time. What methods
 * state about themselves lives in {@code dev.credence.methods.training}.
 */
@NullMarked
package dev.credence.bench.limits;

import org.jspecify.annotations.NullMarked;
