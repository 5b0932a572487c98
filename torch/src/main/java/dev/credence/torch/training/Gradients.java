package dev.credence.torch.training;

import dev.credence.torch.tensors.Kept;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The gradient of all parameters, flat, each one's part a view; one thread adds to it at a time. */
final class Gradients implements AutoCloseable {
    private final Kept kept = new Kept();
    private final Tensor values; // (P)
    private final List<Tensor> views;

    Gradients(Parameters parameters) {
        this.values = kept.keep(parameters.zeros(parameters.length()));
        this.views = parameters.views(values, kept);
    }

    Tensor values() {
        return values;
    }

    /** Of one parameter. */
    Tensor of(int parameter) {
        return views.get(parameter);
    }

    @Override
    public void close() {
        kept.close();
    }
}
