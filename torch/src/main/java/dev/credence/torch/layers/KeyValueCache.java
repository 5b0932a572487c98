package dev.credence.torch.layers;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keys and values of the tokens read so far, one preallocated tensor (n, 2G, capacity, h) a layer. Sequences may begin at
 * different places, so that all of them end at the same one. For one thread.
 */
public final class KeyValueCache implements AutoCloseable {
    private final List<Tensor> layers = new ArrayList<>();
    private final int capacity;
    private int[] begins; // (n) how many places hold nothing
    private int length;

    private KeyValueCache(int sequences, int capacity) {
        this.begins = new int[sequences];
        this.capacity = capacity;
    }

    /** Nothing read yet. */
    public static KeyValueCache empty(Network network, int sequences, int capacity) {
        Architecture a = network.architecture();
        KeyValueCache cache = new KeyValueCache(sequences, capacity);
        long[] shape = {
            sequences,
            2L * a.attention().keyValueHeads(),
            capacity,
            a.attention().headWidth()
        };
        Native.within(() -> {
            for (int layer = 0; layer < a.layers(); layer++) {
                cache.keep(Native.empty(Native.type(network.precision()), shape));
            }
        });
        return cache;
    }

    /** Keys and values (1, 2G, tokens, h) of a sequence's first tokens, layer by layer; views, for the caller's scope. */
    public List<Tensor> row(int sequence, int tokens) {
        return layers.stream()
                .map(layer -> layer.narrow(0, sequence, 1).narrow(2, 0, tokens))
                .toList();
    }

    /** Lets a sequence of an empty cache begin so that what was read of it ends at a place. */
    public void begin(int sequence, int end, List<Tensor> read) {
        begins[sequence] = end - Math.toIntExact(read.get(0).size(2));
        for (int layer = 0; layer < layers.size(); layer++) {
            Tensor own = layers.get(layer).narrow(0, sequence, 1);
            own.narrow(2, 0, begins[sequence]).zero_(); // none sees them, but no weight makes 0 of what is not a number
            own.narrow(2, begins[sequence], (long) end - begins[sequence]).copy_(read.get(layer));
        }
    }

    /** Only these sequences, in this order. Where each stays, or comes from behind the last place, those alone are moved. */
    public void select(int[] rows) {
        boolean stays = true;
        for (int i = 0; i < rows.length; i++) {
            stays &= rows[i] == i || rows[i] >= rows.length;
        }
        boolean inPlace = stays;
        Native.within(() -> {
            for (int layer = 0; layer < layers.size(); layer++) {
                Tensor old = layers.get(layer);
                Tensor fewer = inPlace ? moved(old, rows) : chosen(old, rows);
                fewer.retainReference();
                layers.set(layer, fewer);
                old.releaseReference();
            }
        });
        begins = Arrays.stream(rows).map(row -> begins[row]).toArray();
    }

    /**
     * Where different rows go, so that as few as possible move: what lies behind the last place takes one that is free.
     *
     * @param kept (n) rows
     * @return (n) their places, below n
     */
    public static int[] closingUp(int[] kept) {
        boolean[] taken = new boolean[kept.length];
        for (int row : kept) {
            if (row < kept.length) {
                taken[row] = true;
            }
        }
        int free = 0;
        int[] to = new int[kept.length];
        for (int k = 0; k < kept.length; k++) {
            if (kept[k] < kept.length) {
                to[k] = kept[k];
            } else {
                while (taken[free]) {
                    free++;
                }
                to[k] = free++;
            }
        }
        return to;
    }

    private Tensor moved(Tensor all, int[] rows) {
        Tensor read = all.narrow(2, 0, length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != i) {
                read.select(0, i).copy_(read.select(0, rows[i]));
            }
        }
        return all.narrow(0, 0, rows.length);
    }

    private Tensor chosen(Tensor all, int[] rows) {
        Tensor own = Native.empty(all.scalar_type(), rows.length, all.size(1), all.size(2), all.size(3));
        put(own.narrow(2, 0, length), all.narrow(2, 0, length), rows);
        return own;
    }

    /**
     * A cache of sequences of others, all of which were read to the same place. The others may go on meanwhile.
     *
     * @param from the others
     * @param length to which place
     * @param which (n) of them each sequence is in
     * @param rows (n) where it is there
     */
    public static KeyValueCache gather(List<KeyValueCache> from, int length, int[] which, int[] rows) {
        KeyValueCache first = from.get(which[0]);
        KeyValueCache cache = new KeyValueCache(rows.length, first.capacity);
        cache.length = length;
        Arrays.setAll(cache.begins, i -> from.get(which[i]).begins[rows[i]]);
        Native.within(() -> {
            for (int layer = 0; layer < first.layers.size(); layer++) {
                long[] shape = first.layers.get(layer).sizes().vec().get();
                shape[0] = rows.length;
                Tensor own = Native.empty(first.layers.get(layer).scalar_type(), shape);
                for (int i = 0; i < rows.length; ) {
                    int to = i;
                    while (to < rows.length && which[to] == which[i]) {
                        to++;
                    }
                    Tensor source = from.get(which[i]).layers.get(layer).narrow(2, 0, length);
                    put(own.narrow(0, i, (long) to - i).narrow(2, 0, length), source, Arrays.copyOfRange(rows, i, to));
                    i = to;
                }
                cache.keep(own);
            }
        });
        return cache;
    }

    /** Copies rows of one tensor to where they are wanted, once: by way of no tensor of their own. */
    private static void put(Tensor there, Tensor all, int[] rows) {
        torch.index_select_out(there, all, 0, Native.ids(rows, rows.length));
    }

    /** Writes new keys and values (n, 2G, c, h) behind those read; returns all (n, 2G, t+c, h). */
    public Tensor append(int layer, Tensor fresh) {
        long c = fresh.size(2);
        Tensor all = layers.get(layer);
        all.narrow(2, length, c).copy_(fresh);
        return all.narrow(2, 0, length + c);
    }

    /** Counts new tokens once every layer has appended them. */
    public void advance(int tokens) {
        length += tokens;
        if (length > capacity) {
            throw new IllegalStateException(length + " tokens in a cache of " + capacity);
        }
    }

    /** What was read (n, 2G, t, h). */
    public Tensor read(int layer) {
        return layers.get(layer).narrow(2, 0, length);
    }

    public int sequences() {
        return begins.length;
    }

    /** Whether all sequences begin at the first place. */
    public boolean isAligned() {
        return Arrays.stream(begins).allMatch(begin -> begin == 0);
    }

    /** Where a sequence begins. */
    public int begin(int sequence) {
        return begins[sequence];
    }

    public int length() {
        return length;
    }

    @Override
    public void close() {
        layers.forEach(Tensor::releaseReference);
        layers.clear();
    }

    private void keep(Tensor tensor) {
        tensor.retainReference();
        layers.add(tensor);
    }
}
