/**
 * Experiments: what is run, the figures it leaves, and the conclusion drawn from them. Knows methods and models, no options and no
 * printing.
 *
 * <p>An {@link dev.credence.lab.experiments.Experiment} is a question with settings ({@code ExperimentKey}, {@code
 * ExperimentSettings}) and a result ({@code ExperimentResult}: findings, tables, pictures); {@code Experiments} finds those on the
 * class path, {@code ExperimentRun} is one that was run, {@code KeptExperiments} keeps it in a folder to go on from, and {@code
 * SweepPlan} with {@code Sweep} runs a grid of settings.
 *
 * <p>Each question is one class, its part on transformers another that the name begins alike or is linked from it: {@code Rlhf} and
 * {@code RlhfTransformer}, {@code OverOptimisation} and {@code LearntProxies}. Several share worlds ({@code LatentWorld}, {@code
 * TuningWorld}, {@code EqualKl}), small transformers that learn a world ({@code SmallTransformer}, {@code WorldTransformer}, {@code
 * EnumeratedTransformer}), paths that are audited at every look ({@code Place}, {@code Paths}, {@code PathPoint}), and intervals over
 * seeds ({@code SeedInterval}).
 */
@NullMarked
package dev.credence.lab.experiments;

import org.jspecify.annotations.NullMarked;
