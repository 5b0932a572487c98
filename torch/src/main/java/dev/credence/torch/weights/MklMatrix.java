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

/** A packed matrix in the order in which MKL multiplies by it, in single precision or bfloat16. */
public final class MklMatrix implements PackedMatrix {
    private static final int BY_ROWS = 101; // CblasRowMajor
    private static final int AS_IT_IS = 111; // CblasNoTrans
    private static final int TRANSPOSED = 112; // CblasTrans
    private static final int PACKED = 151; // CblasPacked
    private static final int RIGHT = 162; // CblasBMatrix
    private static final int ROWS = 768; // hint to MKL; what is packed serves any number of rows

    private final Columns columns;
    private final boolean narrow;
    private final List<Tensor> parts = new ArrayList<>(); // (bytes) each

    private MklMatrix(Tensor rows) {
        this.columns = Columns.of(rows);
        this.narrow = rows.scalar_type().intern() == ScalarType.BFloat16;
    }

    /**
     * Packs a matrix.
     *
     * @param rows (out, in) in single precision or bfloat16
     * @param workers share the parts
     * @throws UnsatisfiedLinkError if MKL cannot be loaded
     */
    public static MklMatrix of(Tensor rows, Workers workers) {
        Library.load();
        MklMatrix made = new MklMatrix(rows);
        int count = made.columns.parts();
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

    @Override
    public Columns columns() {
        return columns;
    }

    @Override
    public boolean isNarrow() {
        return narrow;
    }

    private long bytes(int part) {
        int n = columns.count(part);
        int k = (int) columns.in();
        return narrow
                ? mkl_rt.cblas_gemm_bf16bf16f32_pack_get_size(RIGHT, ROWS, n, k)
                : mkl_rt.cblas_sgemm_pack_get_size(RIGHT, ROWS, n, k);
    }

    private void pack(Tensor rows, int part) {
        int n = columns.count(part);
        int k = (int) columns.in();
        Pointer numbers = rows.data_ptr();
        Pointer into = parts.get(part).data_ptr();
        long first = columns.from(part) * columns.in();
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

    @Override
    public void multiply(int part, Tensor rows, Tensor to, boolean adds) {
        int n = (int) rows.size(0);
        int k = (int) columns.in();
        int m = columns.count(part);
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

    @Override
    public void retain() {
        parts.forEach(Tensor::retainReference);
    }

    @Override
    public void release() {
        parts.forEach(Tensor::releaseReference);
    }
}
