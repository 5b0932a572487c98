package dev.credence.torch.training;

import dev.credence.torch.Transformer;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A policy as it once was: a copy of its trained numbers, everything else shared; no memory before it is first moved. */
final class Anchor implements AutoCloseable {
    private final TrainedModel model;
    private @Nullable Copy copy;

    private record Copy(Kept kept, Tensor values, Transformer transformer) {}

    Anchor(TrainedModel model) {
        this.model = model;
    }

    boolean isMoved() {
        return copy != null;
    }

    /** The policy as it was at the last move; a start where there was none. */
    Transformer or(Transformer start) {
        return copy == null ? start : copy.transformer;
    }

    /** Takes the numbers of the policy as it is. */
    void move() {
        Tensor values = values();
        Native.make(() -> Native.within(() -> values.copy_(model.parameters().values())));
    }

    /** (P) its numbers, to be read or written; made where there were none. */
    Tensor values() {
        if (copy == null) {
            Kept kept = new Kept();
            Tensor values = Native.make(() -> Native.within(
                    () -> kept.keep(model.parameters().zeros(model.parameters().length()))));
            copy = new Copy(kept, values, model.on(values));
        }
        return copy.values;
    }

    /** As before the first move. */
    void forget() {
        if (copy != null) {
            copy.transformer.close();
            copy.kept.close();
            copy = null;
        }
    }

    @Override
    public void close() {
        forget();
    }
}
