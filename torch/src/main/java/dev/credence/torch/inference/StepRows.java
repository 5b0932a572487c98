package dev.credence.torch.inference;

import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.Rotation;
import dev.credence.torch.layers.Rows;
import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** One new token of each sequence of a cache; it sees all before it, wherever its sequence begins. */
final class StepRows implements Rows {
    private final Network network;
    private final KeyValueCache cache;
    private final boolean aligned;
    private final TensorOptional mask; // (n, 1, 1, t+1)

    StepRows(Network network, KeyValueCache cache) {
        this.network = network;
        this.cache = cache;
        this.aligned = cache.isAligned();
        this.mask = aligned ? new TensorOptional() : makeMask();
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
    public Tensor atPositions(Tensor table) {
        if (aligned) {
            return Rows.super.atPositions(table);
        }
        int[] positions = new int[cache.sequences()];
        Arrays.setAll(positions, sequence -> cache.length() - cache.begin(sequence));
        return table.index_select(0, Native.ids(positions, positions.length)).unsqueeze(1);
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, this);
        }
    }

    @Override
    public Tensor seen(int layer, Tensor fresh) {
        return cache.append(layer, fresh);
    }

    @Override
    public TensorOptional mask() {
        return mask;
    }

    @Override
    public boolean causal() {
        return false;
    }

    private TensorOptional makeMask() {
        int seen = cache.length() + 1;
        double[] values = new double[cache.sequences() * seen];
        for (int i = 0; i < cache.sequences(); i++) {
            Arrays.fill(values, i * seen, i * seen + cache.begin(i), Double.NEGATIVE_INFINITY);
        }
        return new TensorOptional(
                Native.doubles(values, cache.sequences(), 1, 1, seen).to(Native.type(network.precision())));
    }
}
