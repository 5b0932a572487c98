package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.PackedMatrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products by a packed matrix. Rows are rounded to bfloat16 or not. Where the matrix takes no others and they are not, they are cut
 * into three parts of bfloat16 whose sum they are to 24 bits: a product of two numbers of 8 bits is exact in single precision, so
 * that the error is that of the sums alone (docs/benchmarks.md). Where no worker is calling, the workers share the matrix's parts.
 *
 * @param matrix the weights
 * @param rounds whether rows are rounded to bfloat16
 * @param workers who share a product
 */
record PackedProducts(PackedMatrix matrix, boolean rounds, Workers workers) implements Matrix.ByOutputs {
    private static final int PIECES = 3; // of 8 bits each
    private static final long LEAST = 8; // rows of bfloat16: MKL sums fewer in another way, slower and less exactly

    @Override
    public long outputs() {
        return matrix.columns().out();
    }

    @Override
    public boolean isShared() {
        return !workers.isWorking() && workers.count() > 1 && matrix.columns().parts() > 1;
    }

    @Override
    public Tensor of(Tensor x, @Nullable Tensor bias) {
        Tensor out = Native.empty(ScalarType.Float, x.size(0), matrix.columns().out());
        each(x, (part, rows) -> product(part, rows, columns(out, part), false));
        return bias == null ? out : out.add_(bias);
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
        each(x, (part, rows) -> product(part, rows, columns(sum, part), true));
    }

    @Override
    public double[] logProbs(Tensor x, int[] target) {
        BlockSoftmax softmax = new BlockSoftmax(target, matrix.columns().parts());
        Tensor rows = cut(x);
        for (int i = 0; i < matrix.columns().parts(); i++) {
            int part = i;
            Native.within(() -> {
                long from = matrix.columns().from(part);
                Tensor logits = Native.empty(
                        ScalarType.Float, x.size(0), matrix.columns().count(part));
                product(part, rows, logits, false);
                softmax.take(logits, from, part);
            });
        }
        return softmax.logProbs();
    }

    /** Takes a part of the matrix. */
    private interface Part {
        /**
         * Multiplies by it.
         *
         * @param part its number
         * @param rows as the matrix takes them
         */
        void take(int part, Tensor rows);
    }

    private void each(Tensor x, Part product) {
        if (x.size(0) == 0) {
            return;
        }
        Tensor rows = cut(x);
        if (!isShared()) {
            for (int part = 0; part < matrix.columns().parts(); part++) {
                int own = part;
                Native.within(() -> product.take(own, rows));
            }
            return;
        }
        int parts = matrix.columns().parts();
        int shares = Math.min(workers.count(), parts);
        workers.map(
                shares,
                share -> Native.infer(() -> {
                    for (int part = parts * share / shares; part < parts * (share + 1) / shares; part++) {
                        product.take(part, rows);
                    }
                    return share;
                }));
    }

    private Tensor columns(Tensor out, int part) {
        return out.narrow(1, matrix.columns().from(part), matrix.columns().count(part));
    }

    /** x (n, in) to rows of the matrix's type, three for each of x where they are cut; zeros behind them where they are too few. */
    private Tensor cut(Tensor x) {
        if (!matrix.isNarrow()) {
            return (rounds ? x.to(ScalarType.BFloat16).to(ScalarType.Float) : x).contiguous();
        }
        long n = x.size(0);
        int pieces = rounds ? 1 : PIECES;
        Tensor rows = Native.empty(
                ScalarType.BFloat16,
                Math.max(LEAST, n * pieces),
                matrix.columns().in());
        Tensor rest = x;
        for (int piece = 0; piece < pieces; piece++) {
            Tensor own = rows.narrow(0, n * piece, n);
            own.copy_(rest);
            if (piece + 1 < pieces) {
                rest = rest.sub(own.to(ScalarType.Float)); // exact
            }
        }
        long left = rows.size(0) - n * pieces;
        rows.narrow(0, n * pieces, left).zero_();
        return rows;
    }

    /** Rows, as {@link #cut}, times a part, into (n, width) or added to it. */
    private void product(int part, Tensor rows, Tensor to, boolean adds) {
        long n = to.size(0);
        if (rows.size(0) == n) {
            matrix.multiply(part, rows, to, adds);
            return;
        }
        Tensor products = Native.empty(ScalarType.Float, rows.size(0), to.size(1));
        matrix.multiply(part, rows, products, false);
        Tensor sum = products.narrow(0, 0, n);
        if (!rounds) { // the smallest first
            sum.add_(products.narrow(0, n, n).add_(products.narrow(0, 2 * n, n)));
        }
        if (adds) {
            to.add_(sum);
        } else {
            to.copy_(sum);
        }
    }
}
