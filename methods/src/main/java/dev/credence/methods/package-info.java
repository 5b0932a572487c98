/** Conditioners: ways to turn a prior and evidence into a policy, each stating the evidence it aims at. */
@NullMarked
package dev.credence.methods;

import org.jspecify.annotations.NullMarked;
