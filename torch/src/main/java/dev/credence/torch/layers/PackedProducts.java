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
        multiply(x, out, false);
        return bias == null ? out : out.add_(bias);
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
        multiply(x, sum, true);
    }

    @Override
    public double[] logProbs(Tensor x, int[] target) {
        BlockSoftmax softmax = new BlockSoftmax(target, matrix.columns().parts());
        Tensor rows = rows(x.size(0) == 1 ? x.expand(2, x.size(1)) : x);
        for (int i = 0; i < matrix.columns().parts(); i++) {
            int part = i;
            Native.within(() -> {
                long from = matrix.columns().from(part);
                Tensor logits = Native.empty(
                        ScalarType.Float, rows.size(0), matrix.columns().count(part));
                matrix.multiply(part, rows, logits);
                softmax.take(logits.narrow(0, 0, x.size(0)), from, part);
            });
        }
        return softmax.logProbs();
    }

    private void multiply(Tensor x, Tensor to, boolean adds) {
        long n = x.size(0);
        if (n == 0) {
            return;
        }
        if (n == 1) { // by itself it would be summed in another order
            Tensor two = Native.onHost(ScalarType.Float, 2, to.size(1));
            if (adds) {
                two.copy_(to.expand(2, to.size(1)));
            }
            multiply(x.expand(2, x.size(1)), two, adds);
            to.copy_(two.narrow(0, 0, 1));
            return;
        }
        PackedMatrix.Operands operands = PackedMatrix.Operands.of(rows(x), to, adds);
        int parts = matrix.columns().parts();
        if (isShared()) {
            workers.share(parts, part -> matrix.multiply(part, operands));
            return;
        }
        for (int part = 0; part < parts; part++) {
            matrix.multiply(part, operands);
        }
    }

    /** x (n, in) as rows of the matrix's type. */
    private Tensor rows(Tensor x) {
        if (matrix.isNarrow()) {
            return x.to(ScalarType.BFloat16).contiguous();
        }
        return (rounds ? x.to(ScalarType.BFloat16).to(ScalarType.Float) : x).contiguous();
    }
}
