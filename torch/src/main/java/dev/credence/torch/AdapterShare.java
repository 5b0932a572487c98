package dev.credence.torch;

import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.StoredAdapter;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.Weights;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How much of what an adapter adds is in the difference M of two sets of weights, over all weights that it adapts: the least
 * squares fit M ≈ c·D by D = scale·B·A. Weights into which the adapter was merged have c = 1 and nothing left but rounding.
 *
 * @param coefficient c; NaN for an adapter that adds nothing
 * @param residual ‖M − c·D‖ / ‖D‖
 */
public record AdapterShare(double coefficient, double residual) {
    private static final double WHOLE = 0.9; // weights rounded to bfloat16 are well within
    private static final double FOREIGN = 0.5;

    /**
     * One weight that the adapter adapts.
     *
     * @param adapter its factors
     * @param transposed whether the stored weights are (in, out)
     * @param base the weight without, as stored
     * @param other the weight that may be with
     */
    public record Weight(StoredAdapter adapter, boolean transposed, StoredTensor base, StoredTensor other) {
        /** {@return whether the factors' product has the shape of both weights} */
        public boolean fits() {
            long[] up = adapter.up().shape();
            long[] down = adapter.down().shape();
            if (up.length != 2 || down.length != 2 || up[1] != down[0]) {
                return false;
            }
            long[] shape = transposed ? new long[] {down[1], up[0]} : new long[] {up[0], down[1]};
            return Arrays.equals(shape, base.shape()) && Arrays.equals(shape, other.shape());
        }
    }

    /**
     * Reads and compares, a weight at a time.
     *
     * @param weights all that the adapter adapts; the shapes of both sets fit the factors
     * @param factors where the factors are stored
     * @param base where the weights without are stored
     * @param other where the weights that may be with are stored
     * @return the fit
     */
    public static AdapterShare of(List<Weight> weights, WeightSource factors, WeightSource base, WeightSource other) {
        double added = 0; // ‖D‖²
        double common = 0; // ⟨M, D⟩
        double moved = 0; // ‖M‖²
        for (Weight weight : weights) {
            double[] sums = Native.infer(() -> {
                Tensor down = single(weight.adapter.down(), factors);
                Tensor up = single(weight.adapter.up(), factors);
                Tensor delta = torch.mm(up, down); // (out, in)
                Tensor difference = single(weight.other, other).sub_(single(weight.base, base));
                Tensor move = weight.transposed ? difference.t() : difference;
                return new double[] {sum(delta, delta), sum(move, delta), sum(move, move)};
            });
            double scale = weight.adapter.scale();
            added += scale * scale * sums[0];
            common += scale * sums[1];
            moved += sums[2];
        }
        return new AdapterShare(common / added, Math.sqrt(Math.max(0, moved - common * common / added) / added));
    }

    private static Tensor single(StoredTensor stored, WeightSource source) {
        return Weights.load(stored, source).to(Native.type(Precision.FLOAT32));
    }

    private static double sum(Tensor one, Tensor other) {
        return one.mul(other).sum().item_double();
    }

    /** {@return whether the second weights are the first with the adapter in them, once at least} */
    public boolean isMerged() {
        return coefficient >= WHOLE && residual <= FOREIGN * coefficient;
    }
}
