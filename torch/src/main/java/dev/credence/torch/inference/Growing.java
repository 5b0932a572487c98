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
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sequences that grow with their keys and values, in pieces whose rows follow from the sequences alone, so that threads change no figure.
 * Where sequences part, or pieces have become uneven, rows are dealt out in the order of the sequences; else they stay in their piece, which
 * closes up once many were left behind.
 */
public final class Growing implements GrowingSequences {
    private static final int PIECE = 32; // rows that share a matrix product, at most
    private static final int FEW = 12; // rows that are not worth two pieces
    private static final double UNEVEN =
            0.25; // share by which a piece may have too many rows before all are dealt out anew
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
        grow(parents, tokens, 1, new Follower() {
            @Override
            public void read(int step, int[] sequences, int[] own, double[] all) {
                // they are asked for afterwards
            }

            @Override
            public int token(int step, int sequence) {
                throw new IllegalStateException("nothing follows");
            }
        });
    }

    /** {@inheritDoc} Sequences that share a row do better together. */
    @Override
    public int grow(int[] parents, int[] tokens, int most, Follower follower) {
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
        int[][] kept = kept(from, count);
        int[] to = new int[count]; // (places) new row
        IntFunction<KeyValueCache> piece = kept == null ? dealt(from, to) : staying(kept, from, to);
        Arrays.setAll(next, i -> to[next[i]]);
        List<KeyValueCache> old = pieces;
        rows = next;
        int steps = count == parents.length ? most : 1;
        step(kept == null ? wanted(count) : kept.length, piece, new Chosen(to, token, steps), follower);
        old.stream().filter(cache -> !pieces.contains(cache)).forEach(KeyValueCache::close);
        return steps;
    }

    @Override
    public void back(int tokens) {
        pieces.forEach(cache -> cache.advance(-tokens));
    }

    /** Pieces for so many rows, of which each has about as many, an even number so that two threads have as much to do. */
    private static int wanted(int count) {
        return count < FEW ? 1 : 2 * ((count + 2 * PIECE - 1) / (2 * PIECE));
    }

    /** (pieces) the places in their rows that go on, where none parts and the pieces are about even; else null. */
    private int @Nullable [][] kept(int[] from, int count) {
        if (pieces.size() != wanted(count)) {
            return null;
        }
        boolean[] seen = new boolean[pieces.size() * PIECE];
        int[] alive = new int[pieces.size()];
        for (int place = 0; place < count; place++) {
            if (seen[from[place]]) {
                return null;
            }
            seen[from[place]] = true;
            alive[from[place] / PIECE]++;
        }
        int even = (count + alive.length - 1) / alive.length;
        int[][] kept = new int[alive.length][];
        for (int p = 0; p < alive.length; p++) {
            if (alive[p] == 0 || alive[p] > (1 + UNEVEN) * even) {
                return null;
            }
            kept[p] = new int[alive[p]];
        }
        for (int place = count - 1; place >= 0; place--) {
            kept[from[place] / PIECE][--alive[from[place] / PIECE]] = from[place] % PIECE;
        }
        return kept;
    }

    /** Each piece goes on with its rows; those that nobody goes on with leave it once they are enough to pay for the move. */
    private IntFunction<KeyValueCache> staying(int[][] kept, int[] from, int[] to) {
        int[][] chosen = new int[kept.length][]; // of pieces that close up, the old row of each new one
        int[][] moved = new int[kept.length][];
        for (int p = 0; p < kept.length; p++) {
            if (kept[p].length < (1 - LEAVE) * pieces.get(p).sequences()) {
                moved[p] = KeyValueCache.closingUp(kept[p]);
                chosen[p] = new int[kept[p].length];
                for (int k = 0; k < kept[p].length; k++) {
                    chosen[p][moved[p][k]] = kept[p][k];
                }
            }
        }
        int[] passed = new int[kept.length];
        for (int place = 0; place < to.length; place++) {
            int p = from[place] / PIECE;
            to[place] = moved[p] == null ? from[place] : p * PIECE + moved[p][passed[p]++];
        }
        List<KeyValueCache> own = pieces;
        return p -> {
            if (chosen[p] != null) {
                own.get(p).select(chosen[p]);
            }
            return own.get(p);
        };
    }

    /** Rows go where their order among the sequences puts them, to each piece about as many. */
    private IntFunction<KeyValueCache> dealt(int[] from, int[] to) {
        int count = to.length;
        int each = wanted(count);
        int[] begin = new int[each + 1];
        for (int p = 0; p <= each; p++) {
            begin[p] = (int) ((long) p * count / each);
        }
        for (int p = 0; p < each; p++) {
            for (int place = begin[p]; place < begin[p + 1]; place++) {
                to[place] = p * PIECE + place - begin[p];
            }
        }
        List<KeyValueCache> old = pieces;
        int length = old.get(0).length();
        return p -> {
            int[] own = Arrays.copyOfRange(from, begin[p], begin[p + 1]);
            return stays(old, p, own) ? old.get(p) : gathered(old, length, own);
        };
    }

    /**
     * What is read.
     *
     * @param row (places) of each
     * @param token (places) the first to be read
     * @param steps how many tokens are read of each
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Chosen(int[] row, int[] token, int steps) {}

    /** Reads tokens of each row, and has the logits read; the pieces from now on. */
    private void step(int count, IntFunction<KeyValueCache> piece, Chosen chosen, Follower follower) {
        int[] now = rows;
        int[] read = new int[count * PIECE]; // idle rows read any token
        for (int place = 0; place < chosen.row.length; place++) {
            read[chosen.row[place]] = chosen.token[place];
        }
        Network few = stepped.network();
        int width = network.architecture().width();
        double[] all = new double[count * PIECE * vocabulary];
        double[] normed = new double[count * PIECE * width];
        pieces = workers.map(
                count,
                p -> Native.infer(() -> {
                    KeyValueCache cache = piece.apply(p);
                    int[] last = Arrays.copyOfRange(read, p * PIECE, p * PIECE + cache.sequences());
                    int[] own = IntStream.range(0, now.length)
                            .filter(i -> now[i] / PIECE == p)
                            .toArray();
                    int[] ownRows = Arrays.stream(own).map(i -> now[i]).toArray();
                    for (int step = 0; step < chosen.steps; step++) {
                        for (int j = 0; step > 0 && j < own.length; j++) {
                            last[ownRows[j] % PIECE] = follower.token(step - 1, own[j]);
                        }
                        Native.within(() -> {
                            Tensor states = few.read(few.hidden(last, new StepRows(network, cache)));
                            cache.advance(1);
                            Native.copy(states, normed, p * PIECE * width);
                            Native.copy(few.headOf(states), all, p * PIECE * vocabulary);
                        });
                        follower.read(step, own, ownRows, all);
                    }
                    return cache;
                }));
        logits = all;
        hidden = normed;
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
