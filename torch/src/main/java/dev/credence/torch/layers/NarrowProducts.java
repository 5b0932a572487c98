package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products by weights of 16 bits. Blocks of output columns are widened to 32 bits, which changes no number, into a buffer that stays
 * in the cache, and multiplied there: half of the bytes are read from memory, and the product is what it would be with weights
 * widened before. Where no worker is calling, the workers share the blocks. Blocks are the same whoever multiplies them, so that
 * threads change no figure. An accelerator that has rounded its rows to bfloat16 multiplies them by bfloat16 weights as they are, with
 * sums and products in single precision.
 */
public final class NarrowProducts {
    private static final long BLOCK = 1 << 18; // numbers widened at a time, 1 MB
    private static final long DEVICE_BLOCK = 1 << 26; // on an accelerator: it has no such cache, and each call costs
    private static final long LEAST = 16; // columns of a block
    private static final int SEVERAL = 4; // blocks a thread that are worth sharing a product

    private final Workers workers;
    private final boolean rounds; // the rows to bfloat16

    NarrowProducts(Workers workers, boolean rounds) {
        this.workers = workers;
        this.rounds = rounds;
    }

    /** Whether weights are held in 16 bits. */
    static boolean isNarrow(Tensor weight) {
        return weight.element_size() == Short.BYTES;
    }

    /** Whether each thread has several blocks of it to multiply, when no worker is calling. */
    boolean isShared(Tensor columns) {
        return !workers.isWorking() && workers.count() > 1 && blocks(columns) >= SEVERAL * workers.count();
    }

    /** Takes a block of widened columns. */
    private interface Block {
        /**
         * Multiplies by it.
         *
         * @param columns (in, width)
         * @param from the first one's number
         */
        void take(Tensor columns, long from);
    }

    /** x (n, in) times columns (in, out), as a new tensor (n, out). */
    Tensor of(Tensor x, Tensor columns) {
        if (isWhole(columns)) {
            return whole(x, columns);
        }
        Tensor rows = rounded(x);
        Tensor out = Native.empty(ScalarType.Float, x.size(0), columns.size(1));
        shared(columns, (block, from) -> torch.mm_out(out.narrow(1, from, block.size(1)), rows, block));
        return out;
    }

    /** Adds x (n, in) times columns (in, out) to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x, Tensor columns) {
        if (isWhole(columns)) {
            sum.add_(whole(x, columns));
            return;
        }
        Tensor rows = rounded(x);
        shared(columns, (block, from) -> sum.narrow(1, from, block.size(1)).addmm_(rows, block));
    }

    /** Log-softmax of x (n, in) times columns (in, out) at one target (n) each, nats; a block's products are soon forgotten. */
    double[] logProbs(Tensor x, Tensor columns, int[] target) {
        Tensor rows = rounded(x);
        long width = width(columns);
        int blocks = blocks(columns);
        BlockSoftmax softmax = new BlockSoftmax(target, blocks);
        over(columns, 0, blocks, (block, from) -> softmax.take(torch.mm(rows, block), from, from / width));
        return softmax.logProbs();
    }

    /** Whether the device multiplies rows and weights of 16 bits, and sums in 32. */
    private boolean isWhole(Tensor columns) {
        return rounds && !Native.isOnProcessor() && columns.scalar_type().intern() == ScalarType.BFloat16;
    }

    private static Tensor whole(Tensor x, Tensor columns) {
        return torch.mm(x.to(ScalarType.BFloat16), columns, ScalarType.Float);
    }

    private Tensor rounded(Tensor x) {
        return rounds ? x.to(ScalarType.BFloat16).to(ScalarType.Float) : x;
    }

    private static long width(Tensor columns) {
        return Math.max(LEAST, (Native.isOnProcessor() ? BLOCK : DEVICE_BLOCK) / columns.size(0) / LEAST * LEAST);
    }

    private static int blocks(Tensor columns) {
        long width = width(columns);
        return Math.toIntExact((columns.size(1) + width - 1) / width);
    }

    /** All blocks, each thread a run of them. */
    private void shared(Tensor columns, Block product) {
        int blocks = blocks(columns);
        int shares = workers.count();
        if (!isShared(columns)) {
            over(columns, 0, blocks, product);
            return;
        }
        workers.map(
                shares,
                share -> Native.infer(() -> {
                    over(columns, blocks * share / shares, blocks * (share + 1) / shares, product);
                    return share;
                }));
    }

    private static void over(Tensor columns, int first, int last, Block product) {
        long in = columns.size(0);
        long out = columns.size(1);
        long width = width(columns);
        boolean isByColumn = columns.stride(0) == 1; // the usual (out, in), seen from the side
        Tensor buffer = Native.empty(ScalarType.Float, in * Math.min(width, out));
        for (int block = first; block < last; block++) {
            long from = block * width;
            long own = Math.min(width, out - from);
            Native.within(() -> {
                Tensor flat = buffer.narrow(0, 0, in * own);
                Tensor wide = isByColumn ? flat.view(own, in).t() : flat.view(in, own);
                wide.copy_(columns.narrow(1, from, own));
                product.take(wide, from);
            });
        }
    }
}
