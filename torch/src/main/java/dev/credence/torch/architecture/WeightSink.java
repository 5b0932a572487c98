package dev.credence.torch.architecture;

import java.nio.ByteBuffer;

/** Where weights go: the bytes of one tensor, piece by piece, in order. */
@FunctionalInterface
public interface WeightSink {
    /**
     * Takes the next bytes.
     *
     * @param bytes row-major, little-endian; to be read to its limit before the call returns
     */
    void write(ByteBuffer bytes);
}
