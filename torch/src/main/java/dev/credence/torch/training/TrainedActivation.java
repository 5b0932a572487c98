package dev.credence.torch.training;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.layers.GeluTanh;
import dev.credence.torch.tensors.Kept;
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

    private static Trace geluTanh(Tensor x, Kept kept) {
        Tensor gate = kept.keep(GeluTanh.gate(x));
        return new Trace(x, kept.keep(gate.mul(x)), gate);
    }

    private static Tensor geluTanhBackward(Trace trace, Tensor out) {
        if (trace.gate == null) {
            throw new IllegalStateException("the forward pass keeps the gate");
        }
        return GeluTanh.backward(trace.input, trace.gate, trace.output, out);
    }
}
