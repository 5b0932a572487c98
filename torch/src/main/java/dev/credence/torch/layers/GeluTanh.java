package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * GELU in its tanh form: x times a gate, and its derivative. (1 + tanh u) / 2 is σ(2u) = σ(ax + bx³); libtorch's hyperbolic tangent takes
 * longer than all of this, and its derivative takes it again. Each operation passes over all numbers, so there are few.
 */
public final class GeluTanh {
    private static final double LINEAR = 2 * Math.sqrt(2 / Math.PI); // a
    private static final double CUBE = 0.044715; // b / a
    private static final double CUBIC = LINEAR * CUBE; // b
    private static final double ONE = 20; // where σ is 1 in single precision

    private GeluTanh() {}

    /** x σ(ax + bx³), as a new tensor; libtorch has y σ(az) as the derivative of softplus. */
    public static Tensor of(Tensor x) {
        Tensor z = x.pow(new Scalar(3));
        torch.add_out(z, x, z, new Scalar(CUBE));
        return x.scalar_type().intern() == torch.ScalarType.Double
                ? x.mul(z.mul_(new Scalar(LINEAR)).sigmoid_())
                : torch.softplus_backward_out(z, x, z, new Scalar(LINEAR), new Scalar(ONE));
    }

    /** What it multiplies x by, as a new tensor. */
    public static Tensor gate(Tensor x) {
        return torch.addcmul(number(LINEAR, x), x, x, new Scalar(CUBIC)).mul_(x).sigmoid_();
    }

    /**
     * The derivative σ + xσ (1 − σ)(a + 3bx²), times a gradient, as a new tensor.
     *
     * @param x it was applied to
     * @param gate σ
     * @param output xσ
     * @param out the gradient of the output
     */
    public static Tensor backward(Tensor x, Tensor gate, Tensor output, Tensor out) {
        return torch.addcmul(number(LINEAR, x), x, x, new Scalar(3 * CUBIC))
                .mul_(output)
                .lerp_(number(1, x), gate)
                .mul_(out);
    }

    private static Tensor number(double value, Tensor like) {
        return Native.empty(like.scalar_type()).fill_(new Scalar(value));
    }
}
