package dev.credence.torch.trie;

import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.Vocabulary;
import dev.credence.torch.inference.Scoring;
import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Computes one block of prefixes under every model, visits the completions that end there, and blocks up the others. */
final class TrieStep {
    private static final int ROWS = 1024; // prefixes of a block at most, padding counted
    private static final int NUMBERS = 1 << 22; // log-probabilities of a block at most
    private static final int LEAST_ROWS = 32; // a block this small is not divided for the sake of the threads
    private static final int WIDEST = 32; // members of a family at most: each looks at all, if only to see none

    private final List<Network> networks;
    private final Vocabulary vocabulary;
    private final TrieBlock block;
    private final int horizon;
    private final Tensor[][] seen; // (models, layers) keys and values of the prefixes, once computed

    TrieStep(List<Network> networks, Vocabulary vocabulary, TrieBlock block, int horizon) {
        this.networks = networks;
        this.vocabulary = vocabulary;
        this.block = block;
        this.horizon = horizon;
        this.seen = new Tensor[networks.size()][];
    }

    List<TrieBlock> run(CompletionVisitor visitor, int atLeast) {
        boolean last = block.depth() + 1 == horizon;
        double[][] next = new double[networks.size()][];
        for (int m = 0; m < next.length; m++) {
            next[m] = block.depth() == 0 ? readPrompt(m) : compute(m, !last);
        }
        TrieChildren children = new TrieChildren(networks.size(), block.depth() + 1);
        visit(next, visitor, children);
        if (children.isEmpty()) {
            return List.of();
        }
        return blocks(visitor instanceof TierVisitor tiers ? children.byTier(tiers) : List.of(children), atLeast);
    }

    /** (V) log-probabilities after the prompt. */
    private double[] readPrompt(int m) {
        Network network = networks.get(m);
        int length = block.prompt().length;
        try (KeyValueCache cache = KeyValueCache.empty(network, 1, length)) {
            Tensor hidden = network.hidden(block.prompt(), new WholeRows(network, 1, length, cache));
            cache.advance(length);
            seen[m] = new Tensor[network.architecture().layers()];
            Arrays.setAll(seen[m], layer -> cache.read(layer).clone());
            return Native.toDoubles(Scoring.logSoftmax(network.logits(hidden.narrow(0, length - 1L, 1))));
        }
    }

    /** (prefixes, V) log-probabilities of the token after each prefix. */
    private double[] compute(int m, boolean keep) {
        Network network = networks.get(m);
        TrieBlock.Families families = block.families();
        Past past = Objects.requireNonNull(families.past());
        int position = block.prompt().length + block.depth() - 1;
        FamilyRows rows = new FamilyRows(network, m, families, past, position);
        int[] ids = new int[families.slots().length];
        int[] slotOf = new int[block.size()];
        for (int slot = 0; slot < ids.length; slot++) {
            int prefix = families.slots()[slot];
            if (prefix >= 0) {
                ids[slot] = block.tokens()[(prefix + 1) * block.depth() - 1];
                slotOf[prefix] = slot;
            }
        }
        Tensor hidden = network.hidden(ids, rows);
        Tensor own = ids.length == slotOf.length ? hidden : hidden.index_select(0, Native.ids(slotOf, slotOf.length));
        seen[m] = new Tensor[network.architecture().layers()];
        for (int layer = 0; layer < seen[m].length; layer++) {
            Tensor fresh = rows.fresh(layer);
            if (keep) {
                seen[m][layer] = extend(past.rows(m, layer, families.parents()), fresh, slotOf);
            }
            fresh.releaseReference();
        }
        return Native.toDoubles(Scoring.logSoftmax(network.logits(own)));
    }

    /** Parents' (families, 2G, t, h) and own (families, c, 2G, h) keys and values to (prefixes, 2G, t+1, h). */
    private Tensor extend(Tensor parents, Tensor fresh, int[] slotOf) {
        int width = block.families().width();
        int[] family = new int[slotOf.length];
        Arrays.setAll(family, prefix -> slotOf[prefix] / width);
        long[] s = {fresh.size(0) * fresh.size(1), fresh.size(2), fresh.size(3)};
        Tensor before = parents.index_select(0, Native.ids(family, family.length));
        Tensor own = fresh.reshape(s)
                .index_select(0, Native.ids(slotOf, slotOf.length))
                .unsqueeze(2);
        return torch.cat(new TensorVector(before, own), 2);
    }

    private void visit(double[][] next, CompletionVisitor visitor, TrieChildren children) {
        int depth = block.depth();
        int v = vocabulary.size();
        int[] tokens = new int[depth + 1];
        double[] logProbs = new double[next.length];
        for (int prefix = 0; prefix < block.size(); prefix++) {
            System.arraycopy(block.tokens(), prefix * depth, tokens, 0, depth);
            for (int token = 0; token < v; token++) {
                for (int m = 0; m < next.length; m++) {
                    logProbs[m] = block.logProbs()[m][prefix] + next[m][prefix * v + token];
                }
                tokens[depth] = token;
                if (vocabulary.isEnd(token)) {
                    visitor.visit(tokens, depth, token, logProbs);
                } else if (depth + 1 == horizon) {
                    visitor.visit(tokens, depth + 1, -1, logProbs);
                } else if (visitor.enters(tokens, depth + 1, logProbs)) {
                    children.add(prefix, tokens, logProbs);
                }
            }
        }
    }

    private List<TrieBlock> blocks(List<TrieChildren> tiers, int atLeast) {
        int rows = Math.max(1, Math.min(ROWS, NUMBERS / vocabulary.size()));
        Past past = new Past(seen);
        try {
            List<TrieBlock> blocks = new ArrayList<>();
            for (TrieChildren children : tiers) {
                int share = Math.max(LEAST_ROWS, -(-children.size() / atLeast));
                for (TrieChildren.Group group : children.groups(Math.min(rows, share), WIDEST)) {
                    blocks.add(new TrieBlock(
                            block.prompt(),
                            block.depth() + 1,
                            group.tokens(),
                            group.logProbs(),
                            new TrieBlock.Families(past.share(), group.parents(), group.width(), group.slots())));
                }
            }
            return blocks;
        } finally {
            past.release();
        }
    }
}
