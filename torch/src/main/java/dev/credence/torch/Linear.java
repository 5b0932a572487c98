package dev.credence.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A projection x·Wᵀ + b.
 *
 * @param columns (in, out) view of the weights
 * @param bias (out), or none
 */
record Linear(Tensor columns, @Nullable Tensor bias) {
    /** (n, in) to (n, out). */
    Tensor apply(Tensor x) {
        return bias == null ? torch.mm(x, columns) : torch.addmm(bias, x, columns);
    }

    /** Adds the projection of x (n, in) to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x) {
        sum.addmm_(x, columns);
        if (bias != null) {
            sum.add_(bias);
        }
    }
}
