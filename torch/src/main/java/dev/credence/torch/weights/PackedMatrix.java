package dev.credence.torch.weights;

import org.bytedeco.pytorch.Tensor;

/**
 * A matrix of weights (out, in) in the order in which a library multiplies by it, summed in single precision. It is cut into parts of
 * output columns, which several threads may multiply at once; the cut depends on the shape alone, so that threads change no figure.
 * The numbers are all there and cannot be read back one by one. It lives until it is released as often as it was made and retained.
 */
public sealed interface PackedMatrix permits MklMatrix, HalfMatrix {
    /** Times the bytes of its numbers that it takes at most: 1 where MKL has AVX-512, up to 1.8 otherwise. */
    double BYTES = 1.8;

    /** {@return its shape, and how it is cut} */
    Columns columns();

    /** {@return whether the rows must be bfloat16; they are in single precision otherwise} */
    boolean isNarrow();

    /**
     * Multiplies rows by the columns of a part.
     *
     * @param part which one
     * @param rows (n, in) behind one another, of the matrix's type
     * @param to (n, columns of the part) in single precision, numbers of a row behind one another
     * @param adds to what is there, rather than in its place
     */
    void multiply(int part, Tensor rows, Tensor to, boolean adds);

    /** Lives on until it is released once more. */
    void retain();

    /** Is gone when nobody holds it any more. */
    void release();
}
