package dev.credence.torch.weights;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One weight of a model: as a tensor, packed, or both. Several models may hold it; each retains it once.
 *
 * @param kept the tensor; null where it is held packed alone
 * @param packed the same packed; null where it is not
 * @param again reads it once more where no tensor is kept
 * @param mapped what of a file it needs in memory; null where it is a copy, or little of it is looked at
 */
record HeldWeight(
        @Nullable Tensor kept,
        @Nullable PackedMatrix packed,
        Supplier<Tensor> again,
        @Nullable MappedBytes mapped) {
    /** One that is not packed. */
    static HeldWeight of(Tensor kept) {
        return new HeldWeight(kept, null, () -> kept, null);
    }

    /** One that lies in its file. */
    static HeldWeight mapped(Tensor kept) {
        return new HeldWeight(kept, null, () -> kept, MappedBytes.of(kept.nbytes()));
    }

    Tensor tensor() {
        return kept == null ? again.get() : kept;
    }

    void retain() {
        if (kept != null) {
            kept.retainReference();
        }
        if (packed != null) {
            packed.retain();
        }
        if (mapped != null) {
            mapped.retain();
        }
    }

    void release() {
        if (kept != null) {
            kept.releaseReference();
        }
        if (packed != null) {
            packed.release();
        }
        if (mapped != null) {
            mapped.release();
        }
    }
}
