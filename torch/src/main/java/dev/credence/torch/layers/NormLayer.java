package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Layer normalisation (scale and shift) or root-mean-square normalisation (scale alone) over the last dimension. */
final class NormLayer {
    private static final int PIECE = 1 << 14; // numbers that are copied at once

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
        if (shift != null) {
            return torch.layer_norm(x, width, scale, shift, epsilon, false);
        }
        boolean isOwn = Native.isOnProcessor()
                && x.is_contiguous()
                && x.scalar_type().intern() == ScalarType.Float
                && scale.get().scalar_type().intern() == ScalarType.Float;
        return isOwn
                ? rootMeanSquare(x, scale.get().contiguous())
                : torch.rms_norm(x, width, scale, new DoubleOptional(epsilon));
    }

    /**
     * As libtorch's six operations, each of which costs more than the numbers of a few rows do; squares are summed in double precision.
     */
    private Tensor rootMeanSquare(Tensor x, Tensor scale) {
        int d = Math.toIntExact(width[0]);
        long rows = x.numel() / d;
        Tensor out = torch.empty_like(x);
        if (rows == 0) {
            return out; // the memory of nothing has no address
        }
        FloatPointer from = new FloatPointer(x.data_ptr());
        FloatPointer to = new FloatPointer(out.data_ptr());
        float[] scales = new float[d];
        new FloatPointer(scale.data_ptr()).get(scales);
        int some = (int) Math.min(rows, Math.max(1, PIECE / d));
        float[] numbers = new float[some * d];
        for (long row = 0; row < rows; row += some) {
            int count = (int) Math.min(some, rows - row);
            from.position(row * d).get(numbers, 0, count * d);
            for (int i = 0; i < count; i++) {
                normalise(numbers, i * d, scales);
            }
            to.position(row * d).put(numbers, 0, count * d);
        }
        return out;
    }

    private void normalise(float[] numbers, int from, float[] scales) {
        int d = scales.length;
        double even = 0;
        double odd = 0;
        for (int i = 0; i < d - 1; i += 2) { // two sums, so that one does not wait for the other
            double a = numbers[from + i];
            double b = numbers[from + i + 1];
            even += a * a;
            odd += b * b;
        }
        double last = d % 2 == 0 ? 0 : numbers[from + d - 1];
        float inverse = (float) (1 / Math.sqrt((even + odd + last * last) / d + epsilon));
        for (int i = 0; i < d; i++) {
            numbers[from + i] = numbers[from + i] * inverse * scales[i];
        }
    }
}
