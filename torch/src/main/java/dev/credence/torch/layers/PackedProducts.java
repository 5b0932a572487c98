package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.PackedMatrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products by a packed matrix, of rows in single precision or rounded to bfloat16. Where no worker is calling, the workers share the
 * matrix's parts.
 *
 * @param matrix the weights
 * @param rounds whether rows are rounded to bfloat16
 * @param workers who share a product
 */
record PackedProducts(PackedMatrix matrix, boolean rounds, Workers workers) implements Matrix.ByOutputs {
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
        each(x, (part, rows) -> matrix.multiply(part, rows, columns(out, part), false));
        return bias == null ? out : out.add_(bias);
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
        each(x, (part, rows) -> matrix.multiply(part, rows, columns(sum, part), true));
    }

    @Override
    public double[] logProbs(Tensor x, int[] target) {
        BlockSoftmax softmax = new BlockSoftmax(target, matrix.columns().parts());
        Tensor rows = rows(x);
        for (int i = 0; i < matrix.columns().parts(); i++) {
            int part = i;
            Native.within(() -> {
                long from = matrix.columns().from(part);
                Tensor logits = Native.empty(
                        ScalarType.Float, x.size(0), matrix.columns().count(part));
                matrix.multiply(part, rows, logits, false);
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
        Tensor rows = rows(x);
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

    /** x (n, in) as rows of the matrix's type. */
    private Tensor rows(Tensor x) {
        if (matrix.isNarrow()) {
            return x.to(ScalarType.BFloat16).contiguous();
        }
        return (rounds ? x.to(ScalarType.BFloat16).to(ScalarType.Float) : x).contiguous();
    }
}
