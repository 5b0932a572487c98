package dev.credence.torch.inference;

import dev.credence.core.model.Continuation;
import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Scores continuations of one prompt, which is read once and not with each of them. */
final class PromptScoring implements AutoCloseable {
    private static final int LEAST = 4; // continuations that make it worth while

    private final Network network;
    private final KeyValueCache cache;
    private final double[] first; // (V) log-probabilities of the first token

    /** Reads the prompt. */
    PromptScoring(Network network, int[] prompt) {
        this.network = network;
        this.cache = KeyValueCache.empty(network, 1, prompt.length);
        this.first = Native.infer(() -> {
            Tensor hidden = network.hidden(prompt, new WholeRows(network, 1, prompt.length, cache));
            cache.advance(prompt.length);
            return Native.toDoubles(Scoring.logSoftmax(network.logits(hidden.narrow(0, prompt.length - 1L, 1))));
        });
    }

    /** Whether so many continuations of a prompt take less time this way; a prompt of one token is no more than its row. */
    static boolean isWorthwhile(int continuations, int promptLength) {
        return continuations >= LEAST && promptLength > 1;
    }

    /** What is read of a continuation behind the prompt: all tokens but the last, which is only predicted. */
    static int[] read(Continuation continuation) {
        return Arrays.copyOf(continuation.tokens(), Math.max(0, continuation.tokens().length - 1));
    }

    /** Scores continuations, given as rows of a list and what is read of each. */
    void score(List<Continuation> continuations, int[] rows, double[][] result) {
        List<int[]> read = new ArrayList<>();
        int longest = 0;
        int scored = 0;
        for (int row : rows) {
            int[] own = read(continuations.get(row));
            read.add(own);
            longest = Math.max(longest, own.length);
            scored += own.length;
        }
        int[] ids = new int[rows.length * longest];
        int[] at = new int[scored];
        int[] target = new int[scored];
        int k = 0;
        for (int i = 0; i < rows.length; i++) {
            int[] own = read.get(i);
            System.arraycopy(own, 0, ids, i * longest, own.length);
            for (int t = 0; t < own.length; t++) {
                at[k] = i * longest + t;
                target[k++] = continuations.get(rows[i]).tokens()[t + 1];
            }
        }
        double[] later = scored == 0
                ? new double[0]
                : Scoring.gather(
                        network, network.hidden(ids, new PromptRows(network, cache, rows.length, longest)), at, target);
        k = 0;
        for (int row : rows) {
            int[] tokens = continuations.get(row).tokens();
            double[] own = new double[tokens.length];
            for (int t = 0; t < own.length; t++) {
                own[t] = t == 0 ? first[tokens[0]] : later[k++];
            }
            result[row] = own;
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
