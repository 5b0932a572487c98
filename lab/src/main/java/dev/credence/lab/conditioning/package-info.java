/**
 * Models and worlds conditioned by a method, and audited: an {@link dev.credence.lab.conditioning.Answer} says what was asked, what
 * the method aimed at and what was got. A {@code ConditioningPlan} is all that one needs to know of a model; {@code
 * ModelConditioning} asks each method in its own way: it draws ({@code DrawnConditioning}), runs particles ({@code
 * ParticleConditioning}), works on the table of all texts, or trains a copy ({@code PolicyTraining}), in a run's folder where it is
 * to be kept and gone on with ({@code KeptConditioning}, {@code PolicyRun}).
 *
 * <p>The methods themselves are the module methods', exact posteriors {@code lab.posteriors}'.
 */
@NullMarked
package dev.credence.lab.conditioning;

import org.jspecify.annotations.NullMarked;
