package dev.credence.torch.weights;

import org.bytedeco.pytorch.Tensor;

/**
 * How the output columns of a matrix are cut into parts: by its shape alone.
 *
 * @param in numbers of a row that is multiplied
 * @param out numbers that are made of it
 */
public record Columns(long in, long out) {
    private static final long PART = 1 << 20; // numbers of a part, about
    private static final long PARTS = 16; // at most
    private static final long NARROWEST = 448; // columns of a part: each is a call
    private static final long STEP = 64; // columns that are multiplied together

    /**
     * Of a matrix.
     *
     * @param rows (out, in)
     * @return its columns
     */
    static Columns of(Tensor rows) {
        return new Columns(rows.size(1), rows.size(0));
    }

    /** {@return how many parts there are} */
    public int parts() {
        return Math.toIntExact((out + width() - 1) / width());
    }

    /**
     * The first output column of a part; of the number of parts it is the number of columns.
     *
     * @param part which one
     * @return its number
     */
    public long from(int part) {
        return Math.min(out, part * width());
    }

    /**
     * How many columns a part has.
     *
     * @param part which one
     * @return at least 1
     */
    public int count(int part) {
        return (int) (from(part + 1) - from(part));
    }

    /** Columns of all parts but the last. Two at least, so that two threads have something to do. */
    private long width() {
        long count = Math.max(1, Math.min(PARTS, Math.min(Math.max(2, out * in / PART), out / NARROWEST)));
        return (out + count * STEP - 1) / (count * STEP) * STEP;
    }
}
