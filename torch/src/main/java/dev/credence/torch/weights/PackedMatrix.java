package dev.credence.torch.weights;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A matrix of weights (out, in) in the order in which oneDNN multiplies by it, summed in single precision. It takes the bytes of the
 * numbers as they were stored, in 32 or 16 bits; those of 16 are widened in registers, which changes no number. It is cut into parts of
 * output columns, which several threads may multiply at once; the cut depends on the shape alone, so that threads change no figure. The
 * numbers are all there and cannot be read back one by one. It lives until it is released as often as it was made and retained.
 */
public final class PackedMatrix {
    /** Times the bytes of its numbers that it takes at most: a last part may be filled up. */
    public static final double BYTES = 1.1;

    private static final int SEVERAL = 64; // rows: those beyond the last multiple are multiplied apart

    private final Columns columns;
    private final ScalarType type;
    private final boolean narrow;
    private final int slice; // inputs that are multiplied at once
    private final List<Tensor[]> parts = new ArrayList<>(); // (bytes) of each slice

    private PackedMatrix(Columns columns, ScalarType type, boolean narrow) {
        this.columns = columns;
        this.type = type;
        this.narrow = narrow;
        this.slice = (int) Math.min(columns.in(), narrow || type == ScalarType.Float ? columns.in() : OneDnn.WIDENED);
    }

    /**
     * Packs a matrix.
     *
     * @param rows (out, in) in single precision, bfloat16 or half precision, in whatever order
     * @param rounds whether what is multiplied by it may be rounded to bfloat16; it is where the matrix is in bfloat16 and the processor
     *     multiplies such numbers
     * @param workers share the parts
     * @return the matrix
     * @throws IllegalArgumentException if the rows are on an accelerator
     * @throws UnsatisfiedLinkError if oneDNN cannot be loaded
     */
    public static PackedMatrix of(Tensor rows, boolean rounds, Workers workers) {
        if (!rows.is_cpu()) {
            throw new IllegalArgumentException(
                    "weights on an accelerator are not packed: oneDNN reads the processor's memory");
        }
        ScalarType type = rows.scalar_type().intern();
        PackedMatrix made = new PackedMatrix(
                Columns.of(rows), type, rounds && type == ScalarType.BFloat16 && OneDnn.multipliesNarrowRows());
        Columns columns = made.columns;
        made.parts.addAll(workers.map(
                columns.parts(),
                part -> Native.infer(() -> made.pack(rows.narrow(0, columns.from(part), columns.count(part))))));
        return made;
    }

    /** {@return whether this processor has what it takes} */
    public static boolean isPossible() {
        return OneDnn.isPossible();
    }

    private Tensor[] pack(Tensor rows) {
        Tensor[] slices = new Tensor[Math.toIntExact((columns.in() + slice - 1) / slice)];
        for (int i = 0; i < slices.length; i++) {
            Tensor own = rows.narrow(1, from(i), count(i));
            slices[i] = OneDnn.pack(shape(i, (int) rows.size(0)), own);
            slices[i].retainReference();
        }
        return slices;
    }

    private long from(int slice) {
        return (long) slice * this.slice;
    }

    private int count(int slice) {
        return (int) Math.min(this.slice, columns.in() - from(slice));
    }

    private OneDnn.Shape shape(int slice, int out) {
        return new OneDnn.Shape(count(slice), out, type, narrow);
    }

    /** {@return its shape, and how it is cut} */
    public Columns columns() {
        return columns;
    }

    /** {@return whether the rows must be bfloat16; they are in single precision otherwise} */
    public boolean isNarrow() {
        return narrow;
    }

    /**
     * Rows that are multiplied, and where their products go; no tensors, so that threads may share it.
     *
     * @param n how many rows, 2 at least: one by itself would be summed in another order
     * @param rows (n, in) behind one another, of the matrix's type
     * @param to the first product, in single precision
     * @param step numbers from a row of products to the next
     * @param adds to what is there, rather than in its place
     */
    public record Operands(int n, Pointer rows, Pointer to, long step, boolean adds) {
        /** As many rows of tensors, which live longer than this. */
        public static Operands of(Tensor rows, Tensor to, boolean adds) {
            return new Operands(Math.toIntExact(rows.size(0)), rows.data_ptr(), to.data_ptr(), to.stride(0), adds);
        }
    }

    /**
     * Multiplies rows by the columns of a part. Each row is summed in one order, whatever stands beside it.
     *
     * @param part which one
     * @param operands their products are those of all columns of the matrix, of which these are set
     */
    public void multiply(int part, Operands operands) {
        multiply(part, operands, columns.from(part));
    }

    /**
     * Multiplies rows by the columns of a part. Each row is summed in one order, whatever stands beside it.
     *
     * @param part which one
     * @param rows (n, in) behind one another, of the matrix's type, n at least 2
     * @param to (n, columns of the part) in single precision, numbers of a row behind one another
     */
    public void multiply(int part, Tensor rows, Tensor to) {
        multiply(part, Operands.of(rows, to, false), 0);
    }

    private void multiply(int part, Operands operands, long first) {
        int several = operands.n - operands.n % SEVERAL; // so that few numbers of rows have code of their own
        int rest = operands.n - several;
        if (several > 0 && rest == 1) { // which by itself would be summed in another order
            several -= SEVERAL;
            rest += SEVERAL;
        }
        if (several > 0) {
            slices(part, operands, 0, several, first);
        }
        if (rest > 0) {
            slices(part, operands, several, rest, first);
        }
    }

    private void slices(int part, Operands operands, int row, int count, long first) {
        Tensor[] packed = parts.get(part);
        int out = columns.count(part);
        long written = (row * operands.step + first) * Float.BYTES;
        for (int i = 0; i < packed.length; i++) {
            OneDnn.Product product =
                    new OneDnn.Product(shape(i, out), count, columns.in(), operands.step, operands.adds || i > 0);
            OneDnn.multiply(
                    product, operands.rows, row * columns.in() + from(i), packed[i].data_ptr(), operands.to, written);
        }
    }

    /** Lives on until it is released once more. */
    public void retain() {
        parts.forEach(slices -> Arrays.stream(slices).forEach(Tensor::retainReference));
    }

    /** Is gone when nobody holds it any more. */
    public void release() {
        parts.forEach(slices -> Arrays.stream(slices).forEach(Tensor::releaseReference));
    }
}
