package dev.credence.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Keys and values of the tokens read so far, one preallocated tensor (n, 2G, capacity, h) a layer. For one thread. */
final class KeyValueCache implements AutoCloseable {
    private final List<Tensor> layers = new ArrayList<>();
    private final int capacity;
    private int sequences;
    private int length;

    private KeyValueCache(int sequences, int capacity, int length) {
        this.sequences = sequences;
        this.capacity = capacity;
        this.length = length;
    }

    /** Nothing read yet. */
    static KeyValueCache empty(Network network, int sequences, int capacity) {
        Architecture a = network.architecture();
        KeyValueCache cache = new KeyValueCache(sequences, capacity, 0);
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

    /** The same tokens read for so many sequences, with room for more; this one has one sequence. */
    KeyValueCache repeated(Network network, int times, int newCapacity) {
        KeyValueCache cache = empty(network, times, newCapacity);
        Native.within(() -> {
            for (int layer = 0; layer < layers.size(); layer++) {
                cache.layers
                        .get(layer)
                        .narrow(2, 0, length)
                        .copy_(layers.get(layer).narrow(2, 0, length));
            }
        });
        cache.length = length;
        return cache;
    }

    /** Only these sequences, in this order. */
    void select(int[] rows) {
        Native.within(() -> {
            Tensor index = Native.ids(rows, rows.length);
            for (int layer = 0; layer < layers.size(); layer++) {
                Tensor old = layers.get(layer);
                Tensor fewer = old.index_select(0, index);
                fewer.retainReference();
                layers.set(layer, fewer);
                old.releaseReference();
            }
        });
        sequences = rows.length;
    }

    /** Writes new keys and values (n, 2G, c, h) behind those read; returns all (n, 2G, t+c, h). */
    Tensor append(int layer, Tensor fresh) {
        long c = fresh.size(2);
        Tensor all = layers.get(layer);
        all.narrow(2, length, c).copy_(fresh);
        return all.narrow(2, 0, length + c);
    }

    /** Counts new tokens once every layer has appended them. */
    void advance(int tokens) {
        length += tokens;
        if (length > capacity) {
            throw new IllegalStateException(length + " tokens in a cache of " + capacity);
        }
    }

    /** What was read (n, 2G, t, h). */
    Tensor read(int layer) {
        return layers.get(layer).narrow(2, 0, length);
    }

    int sequences() {
        return sequences;
    }

    int length() {
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
