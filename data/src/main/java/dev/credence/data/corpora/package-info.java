/**
 * Corpora to train on: text files, JSON Lines or Parquet as documents, documents as token sequences, and the order in
 * which a run reads them, which is a function of its seed and the step alone.
 *
 * <p>No tokenizer lives here (module hub); a text becomes ids through a function that the caller passes.
 */
@NullMarked
package dev.credence.data.corpora;

import org.jspecify.annotations.NullMarked;
