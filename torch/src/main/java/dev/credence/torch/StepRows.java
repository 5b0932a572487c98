package dev.credence.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** One new token of each sequence of a cache; it sees all before it. */
final class StepRows implements Rows {
    private final Network network;
    private final KeyValueCache cache;
    private final TensorOptional noMask = new TensorOptional();

    StepRows(Network network, KeyValueCache cache) {
        this.network = network;
        this.cache = cache;
    }

    @Override
    public int sequences() {
        return cache.sequences();
    }

    @Override
    public int tokens() {
        return 1;
    }

    @Override
    public int position() {
        return cache.length();
    }

    @Override
    public boolean follows() {
        return true;
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, cache.length(), true);
        }
    }

    @Override
    public Tensor seen(int layer, Tensor fresh) {
        return cache.append(layer, fresh);
    }

    @Override
    public TensorOptional mask() {
        return noMask;
    }

    @Override
    public boolean causal() {
        return false;
    }
}
