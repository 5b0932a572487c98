package dev.credence.torch.layers;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Layer normalisation (scale and shift) or root-mean-square normalisation (scale alone) over the last dimension. */
final class NormLayer {
    private final long[] width;
    private final TensorOptional scale;
    private final @Nullable TensorOptional shift;
    private final double epsilon;

    NormLayer(TensorOptional scale, @Nullable TensorOptional shift, long width, double epsilon) {
        this.width = new long[] {width};
        this.scale = scale;
        this.shift = shift;
        this.epsilon = epsilon;
    }

    Tensor apply(Tensor x) {
        return shift == null
                ? torch.rms_norm(x, width, scale, new DoubleOptional(epsilon))
                : torch.layer_norm(x, width, scale, shift, epsilon, false);
    }
}
