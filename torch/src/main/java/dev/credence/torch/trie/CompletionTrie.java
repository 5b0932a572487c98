package dev.credence.torch.trie;

import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.NaiveTrie;
import dev.credence.core.model.Vocabulary;
import dev.credence.torch.Transformer;
import dev.credence.torch.layers.Network;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Visits every completion of a prompt up to a horizon as a trie, under several models at once: each prefix is computed
 * once, many together, from the cached keys and values of what comes before it. Blocks of prefixes are worked off depth
 * first, so that memory grows with the horizon and not with the number of completions.
 *
 * <p>Order and figures do not depend on the number of threads.
 */
public final class CompletionTrie {
    private static final int PARTS = 16; // parts of the trie worth a thread each, where there are so many

    private final List<Network> networks = new ArrayList<>();
    private final Vocabulary vocabulary;
    private final Workers workers;

    /**
     * An enumeration under several models at once.
     *
     * @param models at least one, all with the same vocabulary; the first one's threads are used
     * @throws IllegalArgumentException if there is none or vocabularies differ
     */
    public CompletionTrie(List<Transformer> models) {
        this.vocabulary = NaiveTrie.common(models);
        models.forEach(model -> networks.add(model.network()));
        this.workers = models.get(0).backend().workers();
    }

    /**
     * Visits the completions.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     * @param visitors gives a fresh visitor for each part of the trie
     * @param <V> the visitors' type
     * @return the visitors, in the order of their parts
     * @throws ContextWindowException if prompt and horizon do not fit a model's context window
     * @throws IllegalArgumentException if the prompt is empty or the horizon not positive
     */
    public <V extends CompletionVisitor> List<V> walk(int[] prompt, int horizon, Supplier<V> visitors) {
        TrieBlock root = root(prompt, horizon);
        V first = visitors.get();
        List<V> all = new ArrayList<>();
        all.add(first);
        Deque<TrieBlock> open = new ArrayDeque<>();
        try {
            open.add(root);
            while (!open.isEmpty() && open.size() < PARTS) { // the top, on this thread, level by level
                TrieBlock block = open.remove();
                open.addAll(expand(block, horizon, first, PARTS));
            }
            List<TrieBlock> parts = new ArrayList<>(open);
            all.addAll(workers.map(parts.size(), i -> {
                V visitor = visitors.get();
                descend(parts.get(i), horizon, visitor);
                return visitor;
            }));
            return all;
        } finally {
            open.forEach(TrieBlock::close);
        }
    }

    /** The prompt itself, to begin with. */
    TrieBlock root(int[] prompt, int horizon) {
        check(prompt, horizon);
        return TrieBlock.root(networks.size(), prompt);
    }

    private void descend(TrieBlock block, int horizon, CompletionVisitor visitor) {
        Deque<TrieBlock> stack = new ArrayDeque<>();
        stack.push(block);
        try {
            while (!stack.isEmpty()) {
                List<TrieBlock> below = expand(stack.pop(), horizon, visitor, 1);
                for (int i = below.size() - 1; i >= 0; i--) {
                    stack.push(below.get(i));
                }
            }
        } finally {
            stack.forEach(TrieBlock::close);
        }
    }

    /** Computes a block's prefixes, visits what ends there, and returns what goes on; the block is closed. */
    List<TrieBlock> expand(TrieBlock block, int horizon, CompletionVisitor visitor, int atLeast) {
        return Native.infer(() -> {
            try (TrieBlock whole = block.remembered(networks)) { // the same one where nothing was forgotten
                return new TrieStep(networks, vocabulary, whole, horizon).run(visitor, atLeast);
            }
        });
    }

    private void check(int[] prompt, int horizon) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt is empty; a model needs at least one token to predict from");
        }
        if (!(horizon > 0)) {
            throw new IllegalArgumentException("horizon is " + horizon + "; it must be at least 1");
        }
        vocabulary.check(prompt);
        for (Network network : networks) {
            long read = prompt.length + (long) horizon - 1;
            if (read > network.architecture().context()) {
                throw new ContextWindowException(
                        read + 1, network.architecture().context());
            }
        }
    }
}
