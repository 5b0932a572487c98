package dev.credence.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A nonlinearity with its derivative.
 *
 * @param kind which one
 */
record TrainedActivation(Architecture.Activation kind) {
    private static final double LINEAR = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBIC = LINEAR * 0.044715;

    /**
     * What the derivative needs.
     *
     * @param input x
     * @param output f(x)
     * @param gate f(x) / x where the derivative is made of it
     */
    record Trace(Tensor input, Tensor output, @Nullable Tensor gate) {}

    Trace apply(Tensor x, Kept kept) {
        kept.keep(x);
        return switch (kind) {
            case GELU -> new Trace(x, kept.keep(torch.gelu(x)), null);
            case GELU_TANH -> geluTanh(x, kept);
            case SILU -> new Trace(x, kept.keep(torch.silu(x)), null);
            case RELU -> new Trace(x, kept.keep(torch.relu(x)), null);
        };
    }

    /** The gradient of the input, given that of the output. */
    Tensor backward(Trace trace, Tensor out) {
        return switch (kind) {
            case GELU -> torch.gelu_backward(out, trace.input);
            case GELU_TANH -> geluTanhBackward(trace, out);
            case SILU -> torch.silu_backward(out, trace.input);
            case RELU -> torch.threshold_backward(out, trace.input, new Scalar(0.0));
        };
    }

    /**
     * What GELU's tanh form multiplies x by: (1 + tanh u) / 2 is σ(2u) = σ(ax + bx³). libtorch's hyperbolic tangent takes
     * longer than all of this, and its derivative takes it again.
     */
    static Tensor gate(Tensor x) {
        return x.square()
                .mul_(new Scalar(CUBIC))
                .add_(new Scalar(LINEAR))
                .mul_(x)
                .sigmoid_();
    }

    private static Trace geluTanh(Tensor x, Kept kept) {
        Tensor gate = kept.keep(gate(x));
        return new Trace(x, kept.keep(gate.mul(x)), gate);
    }

    /** σ + xσ·(1 − σ)·(a + 3bx²). */
    private static Tensor geluTanhBackward(Trace trace, Tensor out) {
        if (trace.gate == null) {
            throw new IllegalStateException("the forward pass keeps the gate");
        }
        Tensor slope = trace.input
                .square()
                .mul_(new Scalar(3 * CUBIC))
                .add_(new Scalar(LINEAR))
                .mul_(trace.output);
        return torch.addcmul(slope, slope, trace.gate, new Scalar(-1.0))
                .add_(trace.gate)
                .mul_(out);
    }
}
