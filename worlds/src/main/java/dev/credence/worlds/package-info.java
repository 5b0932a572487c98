/** Priors small enough to be known exactly: tables and Bayesian networks, and the worlds that ship with Credence. */
@NullMarked
package dev.credence.worlds;

import org.jspecify.annotations.NullMarked;
