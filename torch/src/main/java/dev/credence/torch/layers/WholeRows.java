package dev.credence.torch.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/** Whole sequences, each token seeing itself and those before it; shorter ones are padded on the right, where none sees it. */
public final class WholeRows implements Rows {
    private final Network network;
    private final int sequences;
    private final int tokens;
    private final @Nullable KeyValueCache cache;
    private final TensorOptional noMask = new TensorOptional();

    /** Rows whose keys and values are kept in a cache, or nowhere. */
    public WholeRows(Network network, int sequences, int tokens, @Nullable KeyValueCache cache) {
        this.network = network;
        this.sequences = sequences;
        this.tokens = tokens;
        this.cache = cache;
    }

    @Override
    public int sequences() {
        return sequences;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int position() {
        return 0;
    }

    @Override
    public boolean follows() {
        return true;
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, 0, true);
        }
    }

    @Override
    public Tensor seen(int layer, Tensor fresh) {
        return cache == null ? fresh : cache.append(layer, fresh);
    }

    @Override
    public TensorOptional mask() {
        return noMask;
    }

    @Override
    public boolean causal() {
        return true;
    }
}
