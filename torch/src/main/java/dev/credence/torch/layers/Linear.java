package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.LowRank;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A projection x·Wᵀ + b, with what adapters add.
 *
 * @param matrix W
 * @param bias (out), or none
 * @param added by adapters; empty without
 */
public record Linear(Matrix matrix, @Nullable Tensor bias, List<LowRank> added) {
    private static final long LOGITS = 1L << 24;

    private static final long DEVICE_LOGITS = 1L << 28; // each call to an accelerator costs

    /** {@return how many logits are held at once, where each row needs one of them and their sum} */
    public static long logits() {
        return Native.isOnProcessor() ? LOGITS : DEVICE_LOGITS;
    }

    /** (n, in) to (n, out). */
    Tensor apply(Tensor x) {
        Tensor out = matrix.of(x, bias);
        addAdapters(out, x);
        return out;
    }

    /** Adds the projection of x (n, in) to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x) {
        matrix.addTo(sum, x);
        addRest(sum, x);
    }

    /**
     * Log-softmax of the projections of x (n, in) at one target (n) each, nats. Where all projections at once would take much
     * memory, they are made a few rows at a time; or on a processor a few outputs at a time, where weights are widened or packed by
     * outputs.
     */
    double[] logProbs(Tensor x, int[] target) {
        long rows = Math.max(1, logits() / matrix.outputs());
        if (target.length <= rows) {
            return chosen(apply(x), target);
        }
        if (Native.isOnProcessor() && matrix instanceof Matrix.ByOutputs byOutputs && bias == null && added.isEmpty()) {
            return byOutputs.logProbs(x, target);
        }
        double[] all = new double[target.length];
        for (int from = 0; from < all.length; from += (int) rows) {
            int begin = from;
            int count = (int) Math.min(rows, all.length - from);
            double[] some = Native.within(
                    () -> chosen(apply(x.narrow(0, begin, count)), Arrays.copyOfRange(target, begin, begin + count)));
            System.arraycopy(some, 0, all, from, count);
        }
        return all;
    }

    private static double[] chosen(Tensor logits, int[] target) {
        double[] logit = Native.toDoubles(logits.gather(1, Native.ids(target, target.length, 1)));
        double[] total = Native.toDoubles(logits.logsumexp(1));
        for (int i = 0; i < logit.length; i++) {
            logit[i] -= total[i];
        }
        return logit;
    }

    /**
     * (in, out) view of the weights as they are trained.
     *
     * @throws IllegalStateException if they are held for inference alone
     */
    public Tensor columns() {
        if (matrix instanceof Matrix.Dense dense) {
            return dense.columns();
        }
        throw new IllegalStateException(
                "weights are held as " + matrix.getClass().getSimpleName() + "; they cannot be trained");
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
