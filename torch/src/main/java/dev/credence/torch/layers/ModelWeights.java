package dev.credence.torch.layers;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.PackedMatrix;
import dev.credence.torch.weights.Weights;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one model as the layers that use them.
 *
 * @param architecture sizes and switches
 * @param weights by role
 * @param workers who share its products
 * @param rounds whether rows are rounded to bfloat16
 * @param inBlocks whether matrices are copied into small blocks, where that can be
 * @param owned views and options that live as long as the model; whoever closes it frees them
 */
public record ModelWeights(
        Architecture architecture,
        Weights weights,
        Workers workers,
        boolean rounds,
        boolean inBlocks,
        List<Pointer> owned) {
    public Tensor tensor(Role role) {
        return Objects.requireNonNull(weights.find(role, architecture.layers()), role.name());
    }

    public Embedding embedding() {
        return new Embedding(tensor(Role.EMBEDDING), weights.added(Role.EMBEDDING, architecture.layers()));
    }

    NormLayer norm(Role scale, @Nullable Role shift, int layer) {
        Tensor by = Objects.requireNonNull(weights.find(scale, layer), scale.name());
        Tensor to = shift == null ? null : weights.find(shift, layer);
        return new NormLayer(
                own(new TensorOptional(by)),
                to == null ? null : own(new TensorOptional(to)),
                by.size(0),
                architecture.norm().epsilon());
    }

    public Linear linear(Role rows, @Nullable Role bias, int layer) {
        return new Linear(
                matrix(rows, layer), bias == null ? null : weights.find(bias, layer), weights.added(rows, layer));
    }

    private Matrix matrix(Role rows, int layer) {
        PackedMatrix packed = weights.packed(rows, layer);
        if (packed != null) {
            return new PackedProducts(packed, rounds, workers);
        }
        Tensor weight = Objects.requireNonNull(weights.find(rows, layer), rows.name());
        if (inBlocks && BlockMatrix.fits(weight)) {
            return blocks(weight);
        }
        Tensor columns = own(weight.t());
        return NarrowProducts.isNarrow(weight)
                ? new Matrix.Narrow(new NarrowProducts(workers, rounds), columns)
                : new Matrix.Dense(columns);
    }

    private Matrix blocks(Tensor weight) {
        return Native.within(() -> {
            BlockMatrix blocks = BlockMatrix.of(weight);
            blocks.numbers().retainReference();
            owned.add(blocks.numbers());
            return blocks;
        });
    }

    /** Keeps a view or an option for as long as the model. */
    <P extends Pointer> P own(P pointer) {
        owned.add(pointer);
        return pointer;
    }
}
