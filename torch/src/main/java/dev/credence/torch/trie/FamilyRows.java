package dev.credence.torch.trie;

import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.Rotation;
import dev.credence.torch.layers.Rows;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.trie.TrieBlock.Families;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Families of alternatives for one position: each sees its parent's past and itself, not its siblings. */
final class FamilyRows implements Rows {
    private final Network network;
    private final int model;
    private final Families families;
    private final Past past;
    private final int position;
    private final Tensor[] fresh;
    private final TensorOptional mask;

    FamilyRows(Network network, int model, Families families, Past past, int position) {
        this.network = network;
        this.model = model;
        this.families = families;
        this.past = past;
        this.position = position;
        this.fresh = new Tensor[network.architecture().layers()];
        this.mask = makeMask();
    }

    /** New keys and values (families, c, 2G, h) of a layer, for the caller to release. */
    Tensor fresh(int layer) {
        return fresh[layer];
    }

    @Override
    public int sequences() {
        return families.parents().length;
    }

    @Override
    public int tokens() {
        return families.width();
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public boolean follows() {
        return false;
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, position, false);
        }
    }

    @Override
    public Tensor seen(int layer, Tensor own) {
        fresh[layer] = own.transpose(1, 2);
        fresh[layer].retainReference();
        return torch.cat(new TensorVector(past.rows(model, layer, families.parents()), own), 2);
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
        int c = families.width();
        if (c == 1) {
            return new TensorOptional();
        }
        int seen = position + c;
        double[] values = new double[c * seen];
        for (int i = 0; i < c; i++) {
            for (int j = 0; j < c; j++) {
                values[i * seen + position + j] = i == j ? 0 : Double.NEGATIVE_INFINITY;
            }
        }
        return new TensorOptional(Native.doubles(values, c, seen).to(Native.type(network.precision())));
    }
}
