package dev.credence.torch;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.NaiveTrie;
import dev.credence.core.model.TokenDivergence;
import dev.credence.torch.inference.Scoring;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Whole next-token distributions of two transformers on the same texts, position by position, reduced to their divergence
 * as soon as they are there: memory is bounded by {@link #LOGITS} numbers a thread, however large the vocabulary.
 */
public final class TransformerDivergence implements TokenDivergence {
    /** Logits of one model that exist at once. */
    private static final int LOGITS = 1 << 20;

    private static final int LEAST = 32; // positions at once: the whole head is read for them

    private final Transformer prior;
    private final Transformer policy;

    /**
     * A comparison of two models.
     *
     * @param prior π0
     * @param policy π
     * @throws IllegalArgumentException if their vocabularies differ
     */
    public TransformerDivergence(Transformer prior, Transformer policy) {
        NaiveTrie.common(List.of(prior, policy));
        this.prior = prior;
        this.policy = policy;
    }

    @Override
    public List<Of> of(List<Continuation> texts) {
        Of[] results = new Of[texts.size()];
        List<int[]> read = new ArrayList<>(); // all but the last token, which is only predicted
        for (Continuation text : texts) {
            prior.vocabulary().check(text.prompt());
            prior.vocabulary().check(text.tokens());
            int[] whole = text.whole();
            read.add(Arrays.copyOf(whole, Math.max(1, whole.length - 1)));
        }
        Workers workers = policy.backend().workers();
        new Scoring(prior.network(), workers).pieces(read); // refuses what is longer than the prior's context
        List<int[]> pieces = new Scoring(policy.network(), workers).pieces(read);
        workers.map(
                pieces.size(),
                p -> Native.infer(() -> {
                    compare(texts, read, pieces.get(p), results);
                    return p;
                }));
        return List.of(results);
    }

    private void compare(List<Continuation> texts, List<int[]> read, int[] rows, Of[] results) {
        int length = Scoring.longest(read, rows);
        int[] ids = Scoring.padded(read, rows, length);
        Tensor underPrior = hidden(prior, ids, rows.length, length);
        Tensor underPolicy = hidden(policy, ids, rows.length, length);
        int positions = 0;
        for (int row : rows) {
            positions += texts.get(row).tokens().length;
        }
        int[] at = new int[positions];
        int[] target = new int[positions];
        int k = 0;
        for (int i = 0; i < rows.length; i++) {
            Continuation text = texts.get(rows[i]);
            for (int t = 0; t < text.tokens().length; t++) {
                at[k] = i * length + text.prompt().length + t - 1;
                target[k++] = text.tokens()[t];
            }
        }
        double[][] terms = terms(underPrior, underPolicy, at, target);
        k = 0;
        for (int row : rows) {
            int own = texts.get(row).tokens().length;
            results[row] = new Of(sum(terms[0], k, own), sum(terms[1], k, own), sum(terms[2], k, own));
            k += own;
        }
    }

    /** (rows·length, d) */
    private static Tensor hidden(Transformer model, int[] ids, int rows, int length) {
        Network network = model.network();
        return network.hidden(ids, new WholeRows(network, rows, length, null));
    }

    /** (3, positions): log π0 and log π of the target, and KL(π ‖ π0), at each position. */
    private double[][] terms(Tensor underPrior, Tensor underPolicy, int[] at, int[] target) {
        double[][] terms = new double[3][at.length];
        int chunk = Math.max(LEAST, LOGITS / prior.vocabulary().size());
        for (int from = 0; from < at.length; from += chunk) {
            int start = from;
            int count = Math.min(chunk, at.length - from);
            Native.within(() -> {
                Tensor rows = Native.ids(Arrays.copyOfRange(at, start, start + count), count);
                Tensor tokens = Native.ids(Arrays.copyOfRange(target, start, start + count), count, 1);
                Tensor p0 = logProbs(prior, underPrior, rows); // (count, V)
                Tensor p = logProbs(policy, underPolicy, rows); // (count, V)
                copy(p0.gather(1, tokens), terms[0], start);
                copy(p.gather(1, tokens), terms[1], start);
                copy(p.sub(p0).mul_(p.exp_()).sum(1), terms[2], start);
            });
        }
        return terms;
    }

    private static Tensor logProbs(Transformer model, Tensor hidden, Tensor rows) {
        return Scoring.logSoftmax(model.network().logits(hidden.index_select(0, rows)));
    }

    private static void copy(Tensor from, double[] into, int at) {
        double[] values = Native.toDoubles(from);
        System.arraycopy(values, 0, into, at, values.length);
    }

    private static double sum(double[] terms, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += terms[i];
        }
        return sum;
    }
}
