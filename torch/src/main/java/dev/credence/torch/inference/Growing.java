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
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * Sequences that grow with their keys and values, in pieces of a fixed number of rows, so that threads change no figure. Where sequences
 * part, or too many were left behind, rows go where their order among the sequences puts them; else they stay.
 */
public final class Growing implements GrowingSequences {
    private static final int PIECE = 32; // rows that share a matrix product
    private static final double LEAVE = 0.125; // share of a piece's rows that may be idle before the others close up

    private final Network network;
    private final FewRows stepped; // reads one token of each row
    private final Workers workers;
    private final int vocabulary;
    private List<KeyValueCache> pieces = new ArrayList<>();
    private int[] rows = {0}; // (sequences) row r is in piece r / PIECE
    private double[] logits; // (pieces × PIECE, V)
    private double[] hidden; // (pieces × PIECE, d)

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
            hidden = first.hidden(0);
            pieces.add(Native.infer(() -> first.sequences(0, 1, room - 1)));
        }
        stepped = new FewRows(network, room - 1L);
    }

    @Override
    public double[] logits() {
        return logits;
    }

    @Override
    public double[] hidden() {
        return hidden;
    }

    @Override
    public int row(int sequence) {
        return rows[sequence];
    }

    @Override
    public void grow(int[] parents, int[] tokens) {
        Map<Long, Integer> places = new LinkedHashMap<>();
        int[] next = new int[parents.length];
        int[] from = new int[parents.length]; // (places) old row
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
        if (stay(from, count)) {
            int[] last = new int[pieces.size() * PIECE]; // idle rows read any token
            for (int place = 0; place < count; place++) {
                last[from[place]] = token[place];
            }
            List<KeyValueCache> kept = pieces;
            step(kept.size(), p -> kept.get(p), last);
            Arrays.setAll(next, i -> from[next[i]]);
        } else {
            List<KeyValueCache> old = pieces;
            int length = old.get(0).length();
            step(
                    (count + PIECE - 1) / PIECE,
                    p -> {
                        int[] own = Arrays.copyOfRange(from, p * PIECE, Math.min(count, (p + 1) * PIECE));
                        return stays(old, p, own) ? old.get(p) : gathered(old, length, own);
                    },
                    token);
            old.stream().filter(cache -> !pieces.contains(cache)).forEach(KeyValueCache::close);
        }
        rows = next;
    }

    /** Whether each row goes on with one token at most, and few rows of a piece are idle. */
    private boolean stay(int[] from, int count) {
        boolean[] seen = new boolean[pieces.size() * PIECE];
        int[] alive = new int[pieces.size()];
        for (int place = 0; place < count; place++) {
            if (seen[from[place]]) {
                return false;
            }
            seen[from[place]] = true;
            alive[from[place] / PIECE]++;
        }
        for (int p = 0; p < alive.length; p++) {
            if (alive[p] < (1 - LEAVE) * pieces.get(p).sequences()) {
                return false;
            }
        }
        return true;
    }

    /** Reads a token of each row; the pieces from now on. */
    private void step(int count, IntFunction<KeyValueCache> piece, int[] token) {
        Network own = stepped.network();
        int width = network.architecture().width();
        double[] all = new double[count * PIECE * vocabulary];
        double[] read = new double[count * PIECE * width];
        pieces = workers.map(
                count,
                p -> Native.infer(() -> {
                    KeyValueCache cache = piece.apply(p);
                    int[] last = Arrays.copyOfRange(token, p * PIECE, p * PIECE + cache.sequences());
                    Native.within(() -> {
                        Tensor normed = own.read(own.hidden(last, new StepRows(network, cache)));
                        cache.advance(1);
                        Native.copy(normed, read, p * PIECE * width);
                        Native.copy(own.headOf(normed), all, p * PIECE * vocabulary);
                    });
                    return cache;
                }));
        logits = all;
        hidden = read;
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
        stepped.close();
    }
}
