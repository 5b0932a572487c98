package dev.credence.torch.trie;

import dev.credence.torch.tensors.Native;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;

/** Keys and values of a block's prefixes, (prefixes, 2G, t, h) for each model and layer; freed when no block needs them. */
final class Past {
    private final Tensor[][] tensors;
    private final long bytes;
    private final AtomicInteger users = new AtomicInteger(1);

    /** Keeps tensors beyond their scope; the maker is the first user. */
    Past(Tensor[][] tensors) {
        this.tensors = tensors;
        long sum = 0;
        for (Tensor[] layers : tensors) {
            for (Tensor tensor : layers) {
                tensor.retainReference();
                sum += tensor.numel() * tensor.element_size();
            }
        }
        this.bytes = sum;
    }

    /** The memory that they take. */
    long bytes() {
        return bytes;
    }

    Past share() {
        users.incrementAndGet();
        return this;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            for (Tensor[] layers : tensors) {
                for (Tensor tensor : layers) {
                    tensor.releaseReference();
                }
            }
        }
    }

    /** Those of some prefixes (rows, 2G, t, h); no copy where they follow one another. */
    Tensor rows(int model, int layer, int[] rows) {
        Tensor all = tensors[model][layer];
        for (int i = 1; i < rows.length; i++) {
            if (rows[i] != rows[0] + i) {
                return all.index_select(0, Native.ids(rows, rows.length));
            }
        }
        return all.narrow(0, rows[0], rows.length);
    }
}
