/**
 * All completions of a prompt as a trie, walked in tiers of equal depth with shared prefixes computed once: every completion
 * ({@link dev.credence.torch.trie.CompletionTrie}), or those that matter most for log Z of evidence first, with certain
 * bounds at any time ({@link dev.credence.torch.trie.AnytimePartition}). The formulas are in
 * docs/theory.md#tokens-and-texts.
 */
@NullMarked
package dev.credence.torch.trie;

import org.jspecify.annotations.NullMarked;
