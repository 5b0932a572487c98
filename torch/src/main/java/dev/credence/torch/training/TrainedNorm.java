package dev.credence.torch.training;

import dev.credence.torch.tensors.Kept;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Layer or root-mean-square normalisation over the last dimension, with its derivative.
 *
 * @param scale (d)
 * @param shift (d), or none: root mean square
 * @param epsilon added under the root
 * @param scaleAt index of the scale among the parameters; −1 where it is frozen
 * @param shiftAt index of the shift; −1 where it is frozen or there is none
 */
record TrainedNorm(Tensor scale, @Nullable Tensor shift, double epsilon, int scaleAt, int shiftAt) {
    /**
     * What the derivative needs.
     *
     * @param input x (…, d)
     * @param output the normalised
     * @param mean (…, 1), or none: root mean square
     * @param inverse (…, 1) one over the deviation
     */
    record Trace(Tensor input, Tensor output, @Nullable Tensor mean, Tensor inverse) {}

    Trace apply(Tensor x, Kept kept) {
        kept.keep(x);
        if (shift == null) {
            Tensor inverse = kept.keep(x.square()
                    .mean(new long[] {-1}, true, new ScalarTypeOptional())
                    .add_(new Scalar(epsilon))
                    .rsqrt_());
            return new Trace(x, kept.keep(x.mul(inverse).mul_(scale)), null, inverse);
        }
        T_TensorTensorTensor_T made =
                torch.native_layer_norm(x, width(), new TensorOptional(scale), new TensorOptional(shift), epsilon);
        return new Trace(
                x,
                kept.keep(new Tensor(made.get0())),
                kept.keep(new Tensor(made.get1())),
                kept.keep(new Tensor(made.get2())));
    }

    /** The gradient of the input, given that of the output. */
    Tensor backward(Trace trace, Tensor out, Gradients gradients) {
        if (shift == null || trace.mean == null) {
            return rootMeanSquare(trace, out, gradients);
        }
        T_TensorTensorTensor_T made = torch.native_layer_norm_backward(
                out,
                trace.input,
                width(),
                trace.mean,
                trace.inverse,
                new TensorOptional(scale),
                new TensorOptional(shift),
                new BoolPointer(3).put(0, true).put(1, scaleAt >= 0).put(2, shiftAt >= 0));
        if (scaleAt >= 0) {
            gradients.of(scaleAt).add_(made.get1());
        }
        if (shiftAt >= 0) {
            gradients.of(shiftAt).add_(made.get2());
        }
        return new Tensor(made.get0());
    }

    private Tensor rootMeanSquare(Trace trace, Tensor out, Gradients gradients) {
        Tensor unit = trace.input.mul(trace.inverse); // x̂
        if (scaleAt >= 0) {
            gradients.of(scaleAt).add_(out.mul(unit).reshape(-1, scale.size(0)).sum(0));
        }
        Tensor scaled = out.mul(scale);
        Tensor along = scaled.mul(unit).mean(new long[] {-1}, true, new ScalarTypeOptional());
        return scaled.sub_(unit.mul_(along)).mul_(trace.inverse);
    }

    private long[] width() {
        return new long[] {scale.size(0)};
    }
}
