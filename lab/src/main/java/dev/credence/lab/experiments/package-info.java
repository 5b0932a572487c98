/**
 * Experiments: what is run, the figures it leaves, and the conclusion drawn from them. Knows methods and models, no options
 * and no printing.
 */
@NullMarked
package dev.credence.lab.experiments;

import org.jspecify.annotations.NullMarked;
