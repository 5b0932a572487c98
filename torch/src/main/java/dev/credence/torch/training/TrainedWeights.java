package dev.credence.torch.training;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.layers.Linear;
import dev.credence.torch.layers.ModelWeights;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model as the layers that train them.
 *
 * @param named the weights
 * @param trained where each trained one is among the parameters
 * @param products how projections within the blocks multiply
 */
record TrainedWeights(ModelWeights named, Trained trained, Products products) {
    /** Which weights are trained. */
    @FunctionalInterface
    interface Trained {
        /** The index of a weight among the parameters; −1 where it is frozen. Block {@code layers} stands for outside. */
        int index(Role role, int layer);
    }

    Architecture architecture() {
        return named.architecture();
    }

    TrainedNorm norm(Role scale, @Nullable Role shift, int layer) {
        Tensor to = shift == null ? null : named.weights().find(shift, layer);
        return new TrainedNorm(
                Objects.requireNonNull(named.weights().find(scale, layer), scale.name()),
                to,
                architecture().norm().epsilon(),
                trained.index(scale, layer),
                shift == null || to == null ? -1 : trained.index(shift, layer));
    }

    TrainedLinear linear(Role rows, @Nullable Role bias, int layer) {
        Linear forward = named.linear(rows, bias, layer);
        return new TrainedLinear(
                forward,
                Objects.requireNonNull(named.weights().find(rows, layer), rows.name()),
                trained.index(rows, layer),
                bias == null || forward.bias() == null ? -1 : trained.index(bias, layer),
                layer < architecture().layers() ? products : Products.in(Precision.FLOAT32));
    }
}
