/** Figures as people read them: the one way in which a number and its interval become text. */
@NullMarked
package dev.credence.core.figures;

import org.jspecify.annotations.NullMarked;
