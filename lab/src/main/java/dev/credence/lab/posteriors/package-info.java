/**
 * Exact posteriors: of worlds and of models' texts up to a horizon, given evidence. {@code Posteriors} is the way in; a
 * {@code PosteriorQuestion} says what was observed, a {@code SearchRequest} how long a model is searched and what is told
 * besides figures; {@code PosteriorTable} and {@code ModelPosterior} are what comes out.
 *
 * <p>How it is printed is the command line's; how a transformer is searched is {@code torch}'s.
 */
@NullMarked
package dev.credence.lab.posteriors;

import org.jspecify.annotations.NullMarked;
