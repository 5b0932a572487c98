package dev.credence.torch.architecture;

/**
 * How weights are held and multiplied. Norms, biases, activations, accumulations and log-softmax are in single precision in all but
 * {@link #DOUBLE}.
 */
public enum Arithmetic {
    /** All in 64 bits, to check others. */
    DOUBLE,
    /** All in 32 bits: weights stored in 16 are widened once, and take twice their memory. What training needs. */
    SINGLE,
    /**
     * Weights stored in 16 bits stay as they are, mapped from their file where that is possible, and are widened block by block
     * while they are multiplied, which changes no number. Others as in {@link #SINGLE}.
     */
    AS_STORED,
    /**
     * Weights that are multiplied are held in bfloat16, and the rows that they multiply are rounded to it in front of each product,
     * which is summed in 32 bits.
     */
    BFLOAT16;

    /** {@return in what activations, norms, biases and sums are held} */
    public Precision activations() {
        return this == DOUBLE ? Precision.FLOAT64 : Precision.FLOAT32;
    }

    /**
     * In what a matrix of weights is held.
     *
     * @param stored in what its file holds it
     * @return the precision in memory
     */
    public Precision held(Precision stored) {
        return switch (this) {
            case DOUBLE -> Precision.FLOAT64;
            case SINGLE -> Precision.FLOAT32;
            case AS_STORED -> stored.bytes() == Precision.BFLOAT16.bytes() ? stored : Precision.FLOAT32;
            case BFLOAT16 -> Precision.BFLOAT16;
        };
    }

    /** {@return whether every weight is held in the activations' precision, so that it can be trained} */
    public boolean isWide() {
        return this == DOUBLE || this == SINGLE;
    }
}
