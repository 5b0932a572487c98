package dev.credence.torch.tensors;

import dev.credence.torch.architecture.Precision;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The border to libtorch: scopes that free every tensor made within, errors without their native stack, copies in and out. */
public final class Native {
    private Native() {}

    /** Runs work whose tensors are all gone afterwards; no gradients are kept. */
    @SuppressWarnings("try")
    public static <T> T infer(Supplier<T> work) {
        try (InferenceMode mode = new InferenceMode(true);
                PointerScope scope = new PointerScope()) {
            return work.get();
        } catch (RuntimeException e) {
            throw plain(e);
        }
    }

    /** Makes tensors that live on, such as weights, and may later have gradients; the scope is the caller's. */
    @SuppressWarnings("try")
    public static <T> T make(Supplier<T> work) {
        try (AutoGradMode mode = new AutoGradMode(false)) {
            return work.get();
        } catch (RuntimeException e) {
            throw plain(e);
        }
    }

    /** Runs a part of such work; what it made is gone afterwards, but for what it retained. */
    @SuppressWarnings("try")
    public static <T> T within(Supplier<T> work) {
        try (PointerScope scope = new PointerScope()) {
            return work.get();
        }
    }

    /** Runs a part of such work; what it made is gone afterwards, but for what it retained. */
    @SuppressWarnings("try")
    public static void within(Runnable work) {
        try (PointerScope scope = new PointerScope()) {
            work.run();
        }
    }

    public static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    public static Tensor ids(int[] values, long... shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        Tensor tensor = empty(ScalarType.Long, shape);
        if (wide.length > 0) { // the memory of nothing has no address
            new LongPointer(tensor.data_ptr()).put(wide, 0, wide.length);
        }
        return tensor;
    }

    public static Tensor doubles(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, shape);
        if (values.length > 0) {
            new DoublePointer(tensor.data_ptr()).put(values, 0, values.length);
        }
        return tensor;
    }

    /** All numbers of a tensor, row-major. */
    public static double[] toDoubles(Tensor tensor) {
        Tensor dense = tensor.to(ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(dense.numel())];
        if (values.length > 0) {
            new DoublePointer(dense.data_ptr()).get(values, 0, values.length);
        }
        return values;
    }

    public static ScalarType type(Precision precision) {
        return switch (precision) {
            case FLOAT64 -> ScalarType.Double;
            case FLOAT32 -> ScalarType.Float;
            case FLOAT16 -> ScalarType.Half;
            case BFLOAT16 -> ScalarType.BFloat16;
        };
    }

    /** libtorch puts the native stack into the message; its first line is what says something. */
    private static RuntimeException plain(RuntimeException e) {
        String message = e.getMessage();
        if (e.getClass() != RuntimeException.class || message == null || message.indexOf('\n') < 0) {
            return e;
        }
        return new IllegalStateException("libtorch: " + message.substring(0, message.indexOf('\n')), e);
    }
}
