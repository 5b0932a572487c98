/**
 * A model trained on a corpus: its settings, what the run is made of (corpus, tokenizer, model), and the loop that takes the
 * steps, measures, and keeps checkpoints to go on from. Begin with {@link dev.credence.lab.training.CorpusRun}.
 *
 * <p>The gradient is the policy's business (module torch), the folder the run store's (module data).
 */
@NullMarked
package dev.credence.lab.training;

import org.jspecify.annotations.NullMarked;
