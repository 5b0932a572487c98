/**
 * Decoder-only transformers on libtorch, a module of rooms. This one is the model that a caller opens, scores with and draws
 * from; the two others that callers enter are {@code training} and {@code trie}, and {@code architecture} has the data that
 * they pass.
 *
 * <p>Reading order: {@code architecture} (what a model is) → {@code tensors} (native memory, threads) → {@code weights} (the
 * tensors of a checkpoint, adapters) → {@code layers} (one forward pass over rows of tokens) → {@code inference} (scores,
 * next tokens, samples) → {@link dev.credence.torch.Transformer} → {@code trie} (all completions, log Z) and {@code
 * training} (gradients, optimiser, a policy). Each knows those before it alone.
 *
 * <p>The only module that knows org.bytedeco; no type of it appears in a public signature of the four rooms that callers
 * enter. No file format and no tokenizer lives here (module hub).
 */
@NullMarked
package dev.credence.torch;

import org.jspecify.annotations.NullMarked;
