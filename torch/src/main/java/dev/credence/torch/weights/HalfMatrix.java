package dev.credence.torch.weights;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A packed matrix of 16-bit weights in IEEE half precision, by which FBGEMM, a part of libtorch, multiplies rows in single precision:
 * numbers are widened in registers, on any x86 processor with AVX2, so that half of the bytes are read and nothing is rounded but sums.
 *
 * <p>No number changes. Half precision has more digits than bfloat16 and a smaller range: each output's weights are multiplied by
 * a power of two that brings the largest to the top of that range, and its sums are divided by it. Numbers 2⁻³² of the largest and
 * smaller may not fit; where one does not, its part stays as it was stored, and is widened whenever it is multiplied.
 */
public final class HalfMatrix implements PackedMatrix {
    private static final int TOP = 15; // exponent of the largest number of an output: half precision ends below 2^16
    private static final int MOST = 100; // of a power's exponent, so that it and its inverse are numbers

    private final Columns columns;
    private final List<Part> parts = new ArrayList<>();

    /**
     * Some outputs.
     *
     * @param numbers theirs, packed and multiplied; or (columns, in) as stored
     * @param isPacked which; not where one does not fit
     * @param scales (columns) what the sums of packed ones are multiplied by
     */
    private record Part(Tensor numbers, boolean isPacked, Tensor scales) {
        void retain() {
            numbers.retainReference();
            scales.retainReference();
        }

        void release() {
            numbers.releaseReference();
            scales.releaseReference();
        }
    }

    private HalfMatrix(Columns columns) {
        this.columns = columns;
    }

    /**
     * Packs a matrix.
     *
     * @param rows (out, in) in 16 bits
     * @param workers share the parts
     * @return the matrix
     * @throws IllegalArgumentException if they are not 16 bits
     */
    public static HalfMatrix of(Tensor rows, Workers workers) {
        if (rows.element_size() != Short.BYTES) {
            throw new IllegalArgumentException(
                    "numbers are of " + rows.element_size() + " bytes; half precision takes those of 2");
        }
        Library.load();
        HalfMatrix made = new HalfMatrix(Columns.of(rows));
        Columns columns = made.columns;
        made.parts.addAll(workers.map(
                columns.parts(),
                part -> Native.infer(() -> pack(rows.narrow(0, columns.from(part), columns.count(part))))));
        return made;
    }

    private static Part pack(Tensor stored) {
        Tensor scaled = stored.to(ScalarType.Float).contiguous();
        Tensor powers = powers(scaled);
        scaled.mul_(powers.view(-1, 1));
        boolean fits = isHalf(scaled) && isExact(stored, scaled, powers);
        Part part = fits
                ? new Part(torch.fbgemm_pack_gemm_matrix_fp16(scaled), true, powers.reciprocal())
                : new Part(stored.clone(), false, powers);
        part.retain();
        return part;
    }

    private static boolean isHalf(Tensor scaled) {
        return Native.within(
                () -> scaled.to(ScalarType.Half).to(ScalarType.Float).equal(scaled));
    }

    /** Whether nothing has gone below the range of single precision, where something was made smaller. */
    private static boolean isExact(Tensor stored, Tensor scaled, Tensor powers) {
        return powers.amin().item_double() >= 1
                || Native.within(() -> scaled.div(powers.view(-1, 1)).equal(stored.to(ScalarType.Float)));
    }

    /** (n) powers of two that bring the largest of n rows to the top of half precision's range; 1 for a row of zeros. */
    private static Tensor powers(Tensor wide) {
        double[] largest = Native.within(() -> Native.toDoubles(wide.abs().amax(new long[] {1}, false)));
        double[] powers = new double[largest.length];
        for (int i = 0; i < powers.length; i++) {
            int exponent = TOP - Math.getExponent(largest[i]);
            powers[i] = largest[i] == 0 ? 1 : Math.scalb(1.0, Math.max(-MOST, Math.min(MOST, exponent)));
        }
        return Native.doubles(powers, powers.length).to(ScalarType.Float);
    }

    /** {@return whether this build of libtorch has FBGEMM} */
    public static boolean isPossible() {
        try {
            Library.load();
            return true;
        } catch (LinkageError | RuntimeException e) { // "not built with FBGEMM", first and then again
            return false;
        }
    }

    /**
     * Packs and multiplies once, while libtorch says less: PyTorch calls its two functions old, which is for us to know and not for
     * whoever draws.
     */
    private static final class Library {
        private static final int ERRORS = 2; // a level of messages

        static {
            Pointer level = Loader.addressof("FLAGS_caffe2_log_level");
            int before = level == null ? 0 : new IntPointer(level).get();
            say(level, ERRORS);
            try {
                Native.infer(() -> {
                    Tensor one = torch.ones(1, 1);
                    return product(one, torch.fbgemm_pack_gemm_matrix_fp16(one)).numel();
                });
            } finally {
                say(level, before);
            }
        }

        private static void say(@Nullable Pointer level, int least) {
            if (level != null) {
                new IntPointer(level).put(least);
            }
        }

        static void load() {}
    }

    private static Tensor product(Tensor rows, Tensor packed) {
        return torch.fbgemm_linear_fp16_weight_fp32_activation(rows, packed, new TensorOptional());
    }

    @Override
    public Columns columns() {
        return columns;
    }

    @Override
    public boolean isNarrow() {
        return false;
    }

    @Override
    public void multiply(int part, Tensor rows, Tensor to, boolean adds) {
        Part own = parts.get(part);
        if (!own.isPacked) {
            Tensor wide = own.numbers.to(ScalarType.Float).t();
            to.addmm_(rows, wide, new Scalar(adds ? 1.0 : 0.0), new Scalar(1.0));
            return;
        }
        Tensor scaled = product(rows, own.numbers);
        if (adds) {
            to.addcmul_(scaled, own.scales);
        } else {
            torch.mul_out(to, scaled, own.scales);
        }
    }

    @Override
    public void retain() {
        parts.forEach(Part::retain);
    }

    @Override
    public void release() {
        parts.forEach(Part::release);
    }
}
