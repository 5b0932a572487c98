package dev.credence.torch.training;

import java.util.Arrays;

/**
 * One tensor that is trained.
 *
 * @param name what files call it
 * @param shape its sizes
 * @param offset its first number in the flat store
 */
record Parameter(String name, long[] shape, long offset) {
    long size() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /** Matrices decay, biases and scales do not. */
    boolean decays() {
        return shape.length > 1;
    }
}
