package dev.credence.torch.architecture;

/**
 * What an adapter adds to one stored weight, scale · B·A.
 *
 * @param weight the stored weight's name
 * @param rank r
 * @param scale factor
 * @param rows (out) of the weight as a matrix from inputs to outputs
 * @param columns (in)
 * @param transposed whether files keep the weight itself (in, out)
 */
public record AdapterPart(String weight, int rank, double scale, long rows, long columns, boolean transposed) {
    /** The two factors. */
    public enum Factor {
        /** A (r, in). */
        DOWN,
        /** B (out, r). */
        UP
    }

    /**
     * The sizes of a factor.
     *
     * @param factor which one
     * @return (r, in) or (out, r)
     */
    public long[] shape(Factor factor) {
        return factor == Factor.DOWN ? new long[] {rank, columns} : new long[] {rows, rank};
    }
}
