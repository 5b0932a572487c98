package dev.credence.torch.tensors;

import dev.credence.torch.architecture.Precision;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The border to libtorch: scopes that free every tensor made within, errors without their native stack, copies in and out, and the
 * device that tensors are on. Nothing above knows which: numbers go in and come out by the methods here alone.
 */
public final class Native {
    private static final int BREADTH = 16;
    private static volatile @Nullable Device accelerator; // none: the processor

    private Native() {}

    /** Makes all tensors on an accelerator from now on; called once, before the first tensor. */
    public static void useAccelerator(Device device) {
        device.retainReference();
        accelerator = device;
    }

    /** Whether tensors are in the processor's own memory. */
    public static boolean isOnProcessor() {
        return accelerator == null;
    }

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

    /** How many times as much work is worth a call as on a thread of the processor. */
    public static int breadth() {
        return accelerator == null ? 1 : BREADTH;
    }

    public static Tensor empty(ScalarType type, long... shape) {
        Device device = accelerator;
        TensorOptions options = new TensorOptions(type);
        return torch.empty(
                shape,
                device == null ? options : options.device(new DeviceOptional(device)),
                new MemoryFormatOptional());
    }

    /** A tensor in the processor's memory, to be filled there; {@link #placed} moves it. */
    public static Tensor onHost(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    /** The same numbers on the device that is used. */
    public static Tensor placed(Tensor host) {
        Device device = accelerator;
        return device == null ? host : host.to(device, host.scalar_type(), false, false, new MemoryFormatOptional());
    }

    /** The same numbers in the processor's memory, dense: their addresses can be read. */
    public static Tensor onHost(Tensor tensor) {
        return accelerator == null ? tensor.contiguous() : tensor.cpu().contiguous();
    }

    public static Tensor ids(int[] values, long... shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        Tensor tensor = onHost(ScalarType.Long, shape);
        if (wide.length > 0) { // the memory of nothing has no address
            new LongPointer(tensor.data_ptr()).put(wide, 0, wide.length);
        }
        return placed(tensor);
    }

    public static Tensor doubles(double[] values, long... shape) {
        Tensor tensor = onHost(ScalarType.Double, shape);
        if (values.length > 0) {
            new DoublePointer(tensor.data_ptr()).put(values, 0, values.length);
        }
        return placed(tensor);
    }

    /** All numbers of a tensor, row-major. */
    public static double[] toDoubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.numel())];
        copy(tensor, values, 0);
        return values;
    }

    /** Puts all numbers of a tensor, row-major, into an array from a place on. */
    public static void copy(Tensor tensor, double[] into, int from) {
        Tensor dense = onHost(tensor.to(ScalarType.Double));
        int count = Math.toIntExact(dense.numel());
        Objects.checkFromIndexSize(from, count, into.length);
        if (count > 0) { // the memory of nothing has no address
            new DoublePointer(dense.data_ptr()).get(into, from, count);
        }
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
