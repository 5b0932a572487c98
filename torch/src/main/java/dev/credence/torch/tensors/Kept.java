package dev.credence.torch.tensors;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/** Tensors that outlive the scope they were made in, until this is closed: what a backward pass reads. */
public final class Kept implements AutoCloseable {
    private final List<Pointer> pointers = new ArrayList<>();

    public <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        pointers.add(pointer);
        return pointer;
    }

    @Override
    public void close() {
        pointers.forEach(Pointer::releaseReference);
        pointers.clear();
    }
}
