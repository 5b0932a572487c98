/**
 * The store of runs: one folder a run, with what it was asked (written once), metrics (appended to), checkpoints and the
 * result (each whole or not there), so that a killed run goes on where its last checkpoint stands; and where metrics go
 * live: TensorBoard's event files, an MLflow server.
 *
 * <p>What a checkpoint holds is its writer's business.
 */
@NullMarked
package dev.credence.data.runs;

import org.jspecify.annotations.NullMarked;
