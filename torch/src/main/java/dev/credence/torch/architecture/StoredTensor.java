package dev.credence.torch.architecture;

import java.util.Arrays;

/**
 * One tensor of weights as a file holds it: row-major, little-endian.
 *
 * @param file the file's name, for messages
 * @param name its name in the file
 * @param precision of its numbers
 * @param shape its sizes
 */
public record StoredTensor(String file, String name, Precision precision, long[] shape) {
    /** {@return how many bytes it takes} */
    public long bytes() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact) * precision.bytes();
    }
}
