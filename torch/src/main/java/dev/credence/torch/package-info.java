/**
 * Decoder-only transformers on libtorch: one description of a block with switches as data, scoring, sampling with cached
 * keys and values, and the enumeration of all completions as a trie. The only package that knows org.bytedeco; no type of
 * it appears in a public signature.
 *
 * <p>No file format and no tokenizer lives here (module hub).
 */
@NullMarked
package dev.credence.torch;

import org.jspecify.annotations.NullMarked;
