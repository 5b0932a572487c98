package dev.credence.torch.trie;

import dev.credence.core.model.CompletionVisitor;

/** A visitor that wants prefixes of like importance in blocks of their own. */
interface TierVisitor extends CompletionVisitor {
    /** The tier of the i-th prefix that was entered; blocks hold prefixes of one tier. */
    int tier(int index);
}
