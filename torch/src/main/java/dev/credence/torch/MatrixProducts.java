package dev.credence.torch;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.inference.Scoring;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The products by weights that a forward pass consists of, and nothing else: same shapes, precision, pieces and threads.
 * The time they take alone is the least that the pass can take with this library; the share of it in the pass's own time
 * is the share reached of the matrix-product peak. Products within the attention are not counted.
 */
public final class MatrixProducts implements AutoCloseable {
    private final Workers workers;
    private final int layers;
    private final double operations;
    private final List<Tensor> columns = new ArrayList<>(); // (in, out) of each product in order; the head's is last
    private final List<List<Tensor[]>> buffers = new ArrayList<>(); // of each piece: input and output of each product

    /**
     * The products of a forward pass over whole sequences, on numbers of their own.
     *
     * @param architecture whose shapes
     * @param backend whose threads
     * @param sequences how many, cut into pieces as scoring cuts them
     * @param tokens of each
     */
    public MatrixProducts(Architecture architecture, Backend backend, int sequences, int tokens) {
        this.workers = backend.workers();
        this.layers = architecture.layers();
        Architecture.Attention attention = architecture.attention();
        long width = architecture.width();
        long heads = (long) attention.heads() * attention.headWidth();
        long keys = (long) attention.keyValueHeads() * attention.headWidth();
        long inner = architecture.feedForward().width();
        long[][] shapes = {
            {width, heads + 2 * keys},
            {heads, width},
            {width, architecture.feedForward().gated() ? 2 * inner : inner},
            {inner, width}
        };
        Native.infer(() -> {
            for (int layer = 0; layer < layers; layer++) {
                for (long[] shape : shapes) {
                    columns.add(
                            kept(Native.placed(torch.randn(shape[1], shape[0])).t()));
                }
            }
            columns.add(kept(
                    Native.placed(torch.randn(architecture.vocabulary(), width)).t()));
            int share = Math.min(-(-sequences / workers.count()), Math.max(1, Scoring.PIECE_TOKENS / tokens));
            for (int from = 0; from < sequences; from += share) {
                long rows = (long) Math.min(share, sequences - from) * tokens;
                List<Tensor[]> piece = new ArrayList<>();
                for (long[] shape : shapes) {
                    piece.add(inAndOut(rows, shape));
                }
                piece.add(inAndOut(rows, new long[] {width, architecture.vocabulary()}));
                buffers.add(piece);
            }
            return shapes;
        });
        double weights = (double) architecture.vocabulary() * width;
        for (long[] shape : shapes) {
            weights += (double) layers * shape[0] * shape[1];
        }
        this.operations = 2 * weights * sequences * tokens;
    }

    /** {@return floating-point operations of one run} */
    public double operations() {
        return operations;
    }

    /** Computes all products once. */
    public void run() {
        workers.map(
                buffers.size(),
                piece -> Native.infer(() -> {
                    List<Tensor[]> own = buffers.get(piece);
                    int kinds = own.size() - 1;
                    for (int i = 0; i < columns.size(); i++) {
                        Tensor[] ends = own.get(i == layers * kinds ? kinds : i % kinds);
                        torch.mm_out(ends[1], ends[0], columns.get(i));
                    }
                    return piece;
                }));
    }

    @Override
    public void close() {
        columns.forEach(Tensor::releaseReference);
        buffers.forEach(piece -> piece.forEach(ends -> {
            ends[0].releaseReference();
            ends[1].releaseReference();
        }));
        columns.clear();
        buffers.clear();
    }

    private static Tensor[] inAndOut(long rows, long[] shape) {
        return new Tensor[] {
            kept(Native.placed(torch.randn(rows, shape[0]))), kept(Native.placed(torch.empty(rows, shape[1])))
        };
    }

    private static Tensor kept(Tensor tensor) {
        tensor.retainReference();
        return tensor;
    }
}
