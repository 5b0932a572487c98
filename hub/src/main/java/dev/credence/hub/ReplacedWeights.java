package dev.credence.hub;

import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The weights of a checkpoint with some of an adapter's file in their place.
 *
 * @param replaced by name
 * @param adapter where those are stored
 * @param checkpoint where the others are
 */
record ReplacedWeights(Map<String, StoredTensor> replaced, WeightSource adapter, Checkpoint checkpoint)
        implements WeightSource {
    @Override
    public StoredTensor find(String name) {
        StoredTensor own = replaced.get(name);
        return own != null ? own : checkpoint.weights().find(name);
    }

    @Override
    public void read(StoredTensor tensor, long from, ByteBuffer into) {
        (replaced.containsValue(tensor) ? adapter : checkpoint.weights()).read(tensor, from, into);
    }
}
