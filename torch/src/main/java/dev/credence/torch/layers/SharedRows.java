package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Whole sequences that share the rows of what they have in common: a row is one token of one beginning, computed once for all
 * sequences that begin so. Only attention lays the sequences side by side, each with its beginning.
 */
public final class SharedRows implements Rows {
    private final Network network;
    private final Packing packing;
    private final TensorOptional noMask = new TensorOptional();

    /** Rows of a packing whose runs are shared. */
    public SharedRows(Network network, Packing packing) {
        this.network = network;
        this.packing = packing;
    }

    @Override
    public int sequences() {
        return packing.ids().length;
    }

    @Override
    public int tokens() {
        return 1;
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
    public Tensor atPositions(Tensor table) {
        return table.index_select(0, ids(packing.positions())).unsqueeze(1);
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, this);
        }
    }

    /** Causal attention in each sequence: turned projections (N, 1, H+2G, h) to (N, H·h). */
    Tensor attend(Tensor projected, long heads, DoubleOptional scale) {
        long width = projected.size(3);
        long shared = (projected.size(2) - heads) / 2;
        long group = heads / shared;
        Tensor flat = projected.view(sequences(), -1); // (N, (H+2G)·h)
        Tensor out = Native.empty(flat.scalar_type(), sequences(), heads * width);
        for (Packing.Run run : packing.runs()) {
            Packing.Places places = run.shared();
            Tensor own = flat.index_select(0, ids(places.rows()))
                    .view(run.sequences(), run.tokens(), heads + 2 * shared, width)
                    .transpose(1, 2); // (n, H+2G, c, h)
            Tensor attended = torch.scaled_dot_product_attention(
                            own.narrow(1, 0, heads),
                            Block.spread(own.narrow(1, heads, shared), group),
                            Block.spread(own.narrow(1, heads + shared, shared), group),
                            noMask,
                            0.0,
                            true,
                            scale,
                            false)
                    .transpose(1, 2)
                    .reshape(run.rows(), heads * width);
            out.index_copy_(0, ids(places.ownRows()), attended.index_select(0, ids(places.own())));
        }
        return out;
    }

    private static Tensor ids(int[] ids) {
        return Native.ids(ids, ids.length);
    }

    @Override
    public Tensor seen(int layer, Tensor fresh) {
        throw new UnsupportedOperationException("rows that are shared are laid side by side");
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
