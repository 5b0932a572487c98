package dev.credence.hub;

import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The tensors of one file.
 *
 * @param file that holds them
 */
record FileWeights(SafetensorsFile file) implements WeightSource {
    @Override
    public StoredTensor find(String name) {
        return StoredWeights.stored(file, name);
    }

    @Override
    public void read(StoredTensor tensor, long from, ByteBuffer into) {
        file.read(Objects.requireNonNull(file.entries().get(tensor.name())), from, into);
    }
}
