package dev.credence.torch.layers;

import dev.credence.torch.weights.LowRank;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A projection x·Wᵀ + b, with what adapters add.
 *
 * @param columns (in, out) view of the weights
 * @param bias (out), or none
 * @param added by adapters; empty without
 */
public record Linear(Tensor columns, @Nullable Tensor bias, List<LowRank> added) {
    /** (n, in) to (n, out). */
    Tensor apply(Tensor x) {
        Tensor out = bias == null ? torch.mm(x, columns) : torch.addmm(bias, x, columns);
        addAdapters(out, x);
        return out;
    }

    /** Adds the projection of x (n, in) to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x) {
        sum.addmm_(x, columns);
        addRest(sum, x);
    }

    /** Adds all but the product with the weights, in place. */
    public void addRest(Tensor sum, Tensor x) {
        if (bias != null) {
            sum.add_(bias);
        }
        addAdapters(sum, x);
    }

    /** Adds what adapters add, in place. */
    public void addAdapters(Tensor sum, Tensor x) {
        for (LowRank low : added) {
            low.addTo(sum, x);
        }
    }
}
