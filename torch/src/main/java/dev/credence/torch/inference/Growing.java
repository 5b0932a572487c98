package dev.credence.torch.inference;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.GrowingSequences;
import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Sequences that grow with their keys and values, in pieces of a fixed number of rows, so that threads change no figure. Rows go where
 * their order among the sequences puts them; a piece whose rows stay is not copied.
 */
public final class Growing implements GrowingSequences {
    private static final int PIECE = 32; // rows that share a matrix product

    private final Network network;
    private final Workers workers;
    private final int vocabulary;
    private List<KeyValueCache> pieces = new ArrayList<>();
    private int[] rows = {0}; // (sequences)
    private double[] logits; // (rows, V)

    public Growing(Network network, Workers workers, int[] prompt, int room) {
        this.network = network;
        this.workers = workers;
        this.vocabulary = network.architecture().vocabulary();
        long read = prompt.length + (long) room - 1; // the last token is chosen, not read
        if (read > network.architecture().context()) {
            throw new ContextWindowException(read + 1, network.architecture().context());
        }
        try (ReadPrompts first = new ReadPrompts(network, workers, List.of(prompt))) {
            logits = first.logits(0, 1);
            pieces.add(Native.infer(() -> first.sequences(0, 1, room - 1)));
        }
    }

    @Override
    public double[] logits() {
        return logits;
    }

    @Override
    public int row(int sequence) {
        return rows[sequence];
    }

    @Override
    public void grow(int[] parents, int[] tokens) {
        Map<Long, Integer> places = new LinkedHashMap<>();
        int[] next = new int[parents.length];
        int[] from = new int[parents.length]; // (rows) old row
        int[] token = new int[parents.length];
        for (int i = 0; i < next.length; i++) {
            int old = rows[parents[i]];
            int place = places.size();
            next[i] = places.computeIfAbsent((long) old << Integer.SIZE | tokens[i], way -> place);
            if (next[i] == place) {
                from[place] = old;
                token[place] = tokens[i];
            }
        }
        int count = places.size();
        int made = (count + PIECE - 1) / PIECE;
        List<KeyValueCache> old = pieces;
        int length = old.get(0).length();
        double[] all = new double[count * vocabulary];
        List<KeyValueCache> grown = workers.map(
                made,
                p -> Native.infer(() -> {
                    int first = p * PIECE;
                    int[] own = Arrays.copyOfRange(from, first, Math.min(count, first + PIECE));
                    int[] last = Arrays.copyOfRange(token, first, first + own.length);
                    KeyValueCache cache = stays(old, p, own) ? old.get(p) : gathered(old, length, own);
                    double[] piece = Native.within(() -> {
                        Tensor hidden = network.hidden(last, new StepRows(network, cache));
                        cache.advance(1);
                        return Native.toDoubles(network.logits(hidden));
                    });
                    System.arraycopy(piece, 0, all, first * vocabulary, piece.length);
                    return cache;
                }));
        old.stream().filter(cache -> !grown.contains(cache)).forEach(KeyValueCache::close);
        pieces = grown;
        rows = next;
        logits = all;
    }

    /** Whether a piece has just these rows, in this order. */
    private static boolean stays(List<KeyValueCache> old, int piece, int[] own) {
        if (piece >= old.size() || old.get(piece).sequences() != own.length) {
            return false;
        }
        for (int i = 0; i < own.length; i++) {
            if (own[i] != piece * PIECE + i) {
                return false;
            }
        }
        return true;
    }

    private static KeyValueCache gathered(List<KeyValueCache> old, int length, int[] own) {
        int[] which = Arrays.stream(own).map(row -> row / PIECE).toArray();
        int[] at = Arrays.stream(own).map(row -> row % PIECE).toArray();
        return KeyValueCache.gather(old, length, which, at);
    }

    @Override
    public void close() {
        pieces.forEach(KeyValueCache::close);
        pieces = List.of();
    }
}
