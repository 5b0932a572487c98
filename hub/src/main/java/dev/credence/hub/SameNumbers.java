package dev.credence.hub;

import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Whether two stored tensors are one. */
final class SameNumbers {
    private static final int PIECE = 1 << 22;

    private SameNumbers() {}

    /** Whether type, sizes and bytes are the same. */
    static boolean are(StoredTensor one, WeightSource source, StoredTensor other, WeightSource otherSource) {
        if (one.precision() != other.precision() || !Arrays.equals(one.shape(), other.shape())) {
            return false;
        }
        for (long from = 0; from < one.bytes(); from += PIECE) {
            int length = (int) Math.min(PIECE, one.bytes() - from);
            ByteBuffer first = ByteBuffer.allocate(length);
            ByteBuffer second = ByteBuffer.allocate(length);
            source.read(one, from, first);
            otherSource.read(other, from, second);
            if (!first.flip().equals(second.flip())) {
                return false;
            }
        }
        return true;
    }
}
