package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a matrix, cut into blocks of output columns so small that OpenBLAS multiplies rows by one as it lies there. What is
 * larger it copies into an order of its own at each product, which for the few rows of a step of drawing takes longer than
 * the product (docs/benchmarks.md). Only its kernels for AVX-512 make the difference between small and large.
 */
public final class BlockMatrix implements Matrix {
    private static final Set<String> CORES = Set.of("skylakex", "cooperlake", "sapphirerapids");
    private static final String PROPERTY = "credence.blocks";
    private static final int ROWS = 32; // multiplied at once
    private static final long SMALL = 1_000_000; // multiplications of a product that OpenBLAS calls small, at most
    private static final int STEP = 16; // columns: numbers of a register
    private static final int BY_ROWS = 101; // CblasRowMajor
    private static final int AS_IT_IS = 111; // CblasNoTrans
    private static volatile boolean possible;

    private final int in;
    private final int out;
    private final int width; // columns of each block but the last
    private final Tensor numbers; // (in·out) blocks (in, width), one behind the other

    private BlockMatrix(Tensor weight) {
        this.in = Math.toIntExact(weight.size(1));
        this.out = Math.toIntExact(weight.size(0));
        this.width = width(in, out);
        this.numbers = Native.empty(ScalarType.Float, (long) in * out);
    }

    /**
     * Says which kernels OpenBLAS has chosen; called once, where it is the library that multiplies. The system property
     * {@code credence.blocks} (false) overrules it.
     *
     * @param core its name of the processor
     */
    public static void allow(String core) {
        possible = Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))
                && CORES.contains(core.toLowerCase(Locale.ROOT));
    }

    /** Whether products by copies of single precision are faster here. */
    public static boolean isPossible() {
        return possible && Native.isOnProcessor();
    }

    /** Whether weights (out, in) can be cut so. */
    static boolean fits(Tensor weight) {
        return weight.scalar_type().intern() == ScalarType.Float && width(weight.size(1), weight.size(0)) >= STEP;
    }

    /** Columns of a block: a multiple of the step, and blocks about equal; 0 where not even a step is small. */
    private static int width(long in, long out) {
        long most = SMALL / (ROWS * in) / STEP * STEP;
        if (most == 0) {
            return 0;
        }
        long blocks = (out + most - 1) / most;
        return (int) ((out + blocks * STEP - 1) / (blocks * STEP) * STEP);
    }

    /** Copies weights (out, in) of single precision; the caller keeps its numbers. */
    public static BlockMatrix of(Tensor weight) {
        BlockMatrix made = new BlockMatrix(weight);
        for (int from = 0; from < made.out; from += made.width) {
            int columns = made.columns(from);
            made.numbers
                    .narrow(0, (long) from * made.in, (long) columns * made.in)
                    .view(made.in, columns)
                    .copy_(weight.narrow(0, from, columns).t());
        }
        return made;
    }

    /** (in·out) its numbers. */
    Tensor numbers() {
        return numbers;
    }

    private int columns(int from) {
        return Math.min(width, out - from);
    }

    @Override
    public long outputs() {
        return out;
    }

    @Override
    public Tensor of(Tensor x, @Nullable Tensor bias) {
        Tensor made = Native.empty(ScalarType.Float, x.size(0), out);
        if (bias != null) {
            made.copy_(bias);
        }
        multiply(x, made, bias != null);
        return made;
    }

    @Override
    public void addTo(Tensor sum, Tensor x) {
        multiply(x, sum, true);
    }

    @Override
    public boolean isShared() {
        return false;
    }

    /** x (n, in) times it into (n, out), or added to it. */
    private void multiply(Tensor x, Tensor to, boolean adds) {
        Tensor rows = x.contiguous();
        int n = Math.toIntExact(rows.size(0));
        int step = Math.toIntExact(to.stride(0));
        if (n == 0) {
            return; // the memory of nothing has no address
        }
        Pointer read = rows.data_ptr();
        Pointer written = to.data_ptr();
        FloatPointer left = new FloatPointer(read);
        FloatPointer sums = new FloatPointer(written);
        FloatPointer right = new FloatPointer(numbers.data_ptr());
        float keeps = adds ? 1 : 0;
        for (int row = 0; row < n; row += ROWS) {
            int some = Math.min(ROWS, n - row);
            for (int from = 0; from < out; from += width) {
                int columns = columns(from);
                openblas_nolapack.cblas_sgemm(
                        BY_ROWS,
                        AS_IT_IS,
                        AS_IT_IS,
                        some,
                        columns,
                        in,
                        1f,
                        left.position((long) row * in),
                        in,
                        right.position((long) from * in),
                        columns,
                        keeps,
                        sums.position((long) row * step + from),
                        step);
            }
        }
    }
}
