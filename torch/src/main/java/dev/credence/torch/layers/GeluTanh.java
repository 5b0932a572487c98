package dev.credence.torch.layers;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** GELU in its tanh form: x times a gate, and what its derivative is made of. */
public final class GeluTanh {
    /** a of the gate σ(ax + bx³). */
    public static final double LINEAR = 2 * Math.sqrt(2 / Math.PI);

    /** b of the gate. */
    public static final double CUBIC = LINEAR * 0.044715;

    private GeluTanh() {}

    /**
     * What GELU's tanh form multiplies x by: (1 + tanh u) / 2 is σ(2u) = σ(ax + bx³). libtorch's hyperbolic tangent takes
     * longer than all of this, and its derivative takes it again.
     */
    public static Tensor gate(Tensor x) {
        return x.square()
                .mul_(new Scalar(CUBIC))
                .add_(new Scalar(LINEAR))
                .mul_(x)
                .sigmoid_();
    }
}
