package dev.credence.torch.weights;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A matrix of weights (out, in) in the order in which MKL multiplies by it, in single precision or bfloat16, summed in single
 * precision. It is cut into parts of output columns, which several threads may multiply at once; the cut depends on the shape
 * alone, so that threads change no figure. The numbers are all there and cannot be read back one by one.
 */
public final class PackedMatrix {
    /** Times the bytes of its numbers that it takes at most: 1 with AVX-512, up to 1.8 without. */
    static final double BYTES = 1.8;

    private static final int BY_ROWS = 101; // CblasRowMajor
    private static final int AS_IT_IS = 111; // CblasNoTrans
    private static final int TRANSPOSED = 112; // CblasTrans
    private static final int PACKED = 151; // CblasPacked
    private static final int RIGHT = 162; // CblasBMatrix
    private static final int ROWS = 768; // hint to MKL; what is packed serves any number of rows

    private static final long PART = 1 << 20; // numbers of a part, about
    private static final long PARTS = 16; // at most
    private static final long NARROWEST =
            448; // columns of a part: narrower ones are slow, and take memory for wider ones
    private static final long PANEL = 512; // columns that MKL fills up to, of processors without AVX-512
    private static final long STEP = 64; // columns

    private final long in;
    private final long out;
    private final boolean narrow;
    private final List<Tensor> parts = new ArrayList<>(); // (bytes) each

    private PackedMatrix(Tensor rows) {
        this.out = rows.size(0);
        this.in = rows.size(1);
        this.narrow = rows.scalar_type().intern() == ScalarType.BFloat16;
    }

    /**
     * Packs a matrix; it lives until it is released as often as it was made and retained.
     *
     * @param rows (out, in) in single precision or bfloat16
     * @param workers share the parts
     * @throws UnsatisfiedLinkError if MKL cannot be loaded
     */
    public static PackedMatrix of(Tensor rows, Workers workers) {
        Library.load();
        PackedMatrix made = new PackedMatrix(rows);
        int count = made.parts();
        Tensor dense = rows.contiguous();
        for (int part = 0; part < count; part++) {
            Tensor bytes = Native.empty(ScalarType.Byte, made.bytes(part));
            bytes.retainReference();
            made.parts.add(bytes);
        }
        workers.map(
                count,
                part -> Native.infer(() -> {
                    made.pack(dense, part);
                    return part;
                }));
        return made;
    }

    /** Whether MKL is there to multiply with. */
    public static boolean isPossible() {
        try {
            Library.load();
            return true;
        } catch (LinkageError | RuntimeException e) { // JavaCPP throws either, by what is missing
            return false;
        }
    }

    /** Loads MKL's bindings at the first call: no other command waits for them. */
    private static final class Library {
        static {
            Loader.load(mkl_rt.class);
            mkl_rt.MKL_Set_Num_Threads(1);
        }

        static void load() {}
    }

    public long in() {
        return in;
    }

    public long out() {
        return out;
    }

    /** Whether its numbers are bfloat16, so that the rows must be, too. */
    public boolean isNarrow() {
        return narrow;
    }

    public int parts() {
        return Math.toIntExact((out + width() - 1) / width());
    }

    /** The first output column of a part; of the number of parts it is the number of columns. */
    public long from(int part) {
        return Math.min(out, part * width());
    }

    /** Columns of all parts but the last. Two at least, so that two threads have something to do. */
    private long width() {
        long count = Math.max(1, Math.min(PARTS, Math.min(Math.max(2, out * in / PART), out / NARROWEST)));
        long step = out > count * PANEL && count > 2 ? PANEL : STEP;
        return (out + count * step - 1) / (count * step) * step;
    }

    private int columns(int part) {
        return (int) (from(part + 1) - from(part));
    }

    private long bytes(int part) {
        int n = columns(part);
        int k = (int) in;
        return narrow
                ? mkl_rt.cblas_gemm_bf16bf16f32_pack_get_size(RIGHT, ROWS, n, k)
                : mkl_rt.cblas_sgemm_pack_get_size(RIGHT, ROWS, n, k);
    }

    private void pack(Tensor rows, int part) {
        int n = columns(part);
        int k = (int) in;
        Pointer numbers = rows.data_ptr();
        Pointer into = parts.get(part).data_ptr();
        long first = from(part) * in;
        if (narrow) {
            mkl_rt.cblas_gemm_bf16bf16f32_pack(
                    BY_ROWS,
                    RIGHT,
                    TRANSPOSED,
                    ROWS,
                    n,
                    k,
                    new ShortPointer(numbers).position(first),
                    k,
                    new ShortPointer(into));
        } else {
            mkl_rt.cblas_sgemm_pack(
                    BY_ROWS,
                    RIGHT,
                    TRANSPOSED,
                    ROWS,
                    n,
                    k,
                    1f,
                    new FloatPointer(numbers).position(first),
                    k,
                    new FloatPointer(into));
        }
    }

    /**
     * Multiplies rows by the columns of a part.
     *
     * @param part which one
     * @param rows (n, in) behind one another, of the matrix's type
     * @param to (n, columns of the part) in single precision, numbers of a row behind one another
     * @param adds to what is there, rather than in its place
     */
    public void multiply(int part, Tensor rows, Tensor to, boolean adds) {
        int n = (int) rows.size(0);
        int k = (int) in;
        int m = columns(part);
        int step = (int) to.stride(0);
        float keeps = adds ? 1 : 0;
        FloatPointer sums = new FloatPointer(to.data_ptr());
        Pointer packed = parts.get(part).data_ptr();
        if (narrow) {
            mkl_rt.cblas_gemm_bf16bf16f32_compute(
                    BY_ROWS,
                    AS_IT_IS,
                    PACKED,
                    n,
                    m,
                    k,
                    1f,
                    new ShortPointer(rows.data_ptr()),
                    k,
                    new ShortPointer(packed),
                    k,
                    keeps,
                    sums,
                    step);
        } else {
            mkl_rt.cblas_sgemm_compute(
                    BY_ROWS,
                    AS_IT_IS,
                    PACKED,
                    n,
                    m,
                    k,
                    new FloatPointer(rows.data_ptr()),
                    k,
                    new FloatPointer(packed),
                    k,
                    keeps,
                    sums,
                    step);
        }
    }

    /** Lives on until it is released once more. */
    public void retain() {
        parts.forEach(Tensor::retainReference);
    }

    public void release() {
        parts.forEach(Tensor::releaseReference);
    }
}
