package dev.credence.torch.inference;

import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.Rotation;
import dev.credence.torch.layers.Rows;
import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Continuations of one prompt that was read before: each token sees the prompt, itself and those of its own sequence before
 * it; shorter ones are padded on the right, where none sees it.
 */
final class PromptRows implements Rows {
    private final Network network;
    private final KeyValueCache prompt; // of one sequence
    private final int sequences;
    private final int tokens;
    private final TensorOptional mask;

    PromptRows(Network network, KeyValueCache prompt, int sequences, int tokens) {
        this.network = network;
        this.prompt = prompt;
        this.sequences = sequences;
        this.tokens = tokens;
        this.mask = makeMask();
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
        return prompt.length();
    }

    @Override
    public boolean follows() {
        return true;
    }

    @Override
    public void rotate(Tensor projected, long heads) {
        Rotation rotation = network.rotation();
        if (rotation != null) {
            rotation.turn(projected, heads, prompt.length(), true);
        }
    }

    @Override
    public Tensor seen(int layer, Tensor fresh) {
        Tensor one = prompt.read(layer); // (1, 2G, t, h)
        Tensor shared = one.expand(sequences, one.size(1), one.size(2), one.size(3));
        return torch.cat(new TensorVector(shared, fresh), 2);
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
        int before = prompt.length();
        int seen = before + tokens;
        double[] values = new double[tokens * seen];
        for (int i = 0; i < tokens; i++) {
            Arrays.fill(values, i * seen + before + i + 1, (i + 1) * seen, Double.NEGATIVE_INFINITY);
        }
        return new TensorOptional(Native.doubles(values, tokens, seen).to(Native.type(network.precision())));
    }
}
