package dev.credence.torch.layers;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Arithmetic;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The forward pass: embedding, blocks, head. Its weights are read-only: any number of threads may run it at once. */
public final class Network implements AutoCloseable {
    private static final long COPIED = 1 << 24; // numbers of matrices that are copied: 64 MB, at most
    private static final long PASSES = 4; // that pay for a copy

    private final Architecture architecture;
    private final Arithmetic arithmetic;
    private final Weights weights;
    private final Workers workers;
    private final List<Pointer> owned = new ArrayList<>();
    private final Embedding embedding;
    private final @Nullable Tensor positions; // (context, d)
    private final @Nullable Rotation rotation;
    private final List<Block> blocks = new ArrayList<>();
    private final NormLayer finalNorm;
    private final Linear head;
    private final boolean isCopy; // the weights and the rotation are another's

    public Network(Architecture architecture, Weights weights, Arithmetic arithmetic, Workers workers) {
        this(
                architecture,
                weights,
                arithmetic,
                workers,
                architecture.rotary() == null
                        ? null
                        : new Rotation(architecture.rotary(), architecture.context(), arithmetic.activations()),
                false);
    }

    private Network(
            Architecture architecture,
            Weights weights,
            Arithmetic arithmetic,
            Workers workers,
            @Nullable Rotation rotation,
            boolean isCopy) {
        this.architecture = architecture;
        this.arithmetic = arithmetic;
        this.weights = weights;
        this.workers = workers;
        this.rotation = rotation;
        this.isCopy = isCopy;
        ModelWeights named = named(owned, isCopy);
        int outside = architecture.layers();
        this.embedding = named.embedding();
        this.positions = architecture.rotary() == null ? named.tensor(Role.POSITIONS) : null;
        for (int layer = 0; layer < architecture.layers(); layer++) {
            blocks.add(new Block(architecture, named, layer));
        }
        this.finalNorm = named.norm(Role.FINAL_NORM, Role.FINAL_NORM_BIAS, outside);
        this.head = named.linear(architecture.wiring().tiedHead() ? Role.EMBEDDING : Role.HEAD, null, outside);
    }

    public Architecture architecture() {
        return architecture;
    }

    public Arithmetic arithmetic() {
        return arithmetic;
    }

    /** Of activations, norms, biases, keys and values. */
    public Precision precision() {
        return arithmetic.activations();
    }

    /** The weights by their layers' names, for a training that keeps views of its own. */
    public ModelWeights named(List<Pointer> views) {
        return named(views, false);
    }

    private ModelWeights named(List<Pointer> views, boolean inBlocks) {
        return new ModelWeights(architecture, weights, workers, arithmetic == Arithmetic.BFLOAT16, inBlocks, views);
    }

    /**
     * This network with copies of its matrices that multiply a few rows faster, as the weights are now.
     *
     * @param passes how often it will be applied, about
     * @return a network that is closed before this one; none where copies are not faster, or not worth making
     */
    public @Nullable Network forFewRows(long passes) {
        boolean worthwhile = BlockMatrix.isPossible() && arithmetic.isWide() && passes >= PASSES && numbers() <= COPIED;
        return worthwhile
                ? Native.make(() -> new Network(architecture, weights, arithmetic, workers, rotation, true))
                : null;
    }

    /** Of all matrices that rows are multiplied by. */
    private long numbers() {
        Architecture.Attention attention = architecture.attention();
        Architecture.FeedForward inner = architecture.feedForward();
        long heads = (2L * attention.heads() + 2L * attention.keyValueHeads()) * attention.headWidth();
        long block = heads + (inner.gated() ? 3L : 2L) * inner.width();
        return architecture.width() * (architecture.vocabulary() + architecture.layers() * block);
    }

    public Weights weights() {
        return weights;
    }

    @Nullable
    public Rotation rotation() {
        return rotation;
    }

    /** Whether products by its weights are large enough for the threads to share one, rather than each to have rows of its own. */
    public boolean sharesProducts() {
        return head.matrix().isShared();
    }

    /** Token ids (n, c) to the residual stream (n·c, d) after the last block. */
    public Tensor hidden(int[] ids, Rows rows) {
        int n = rows.sequences();
        int c = rows.tokens();
        Tensor x = embedding.rows(Native.ids(ids, (long) n * c)); // (n·c, d)
        if (positions != null) {
            x.view(n, c, architecture.width()).add_(rows.atPositions(positions));
        }
        for (Block block : blocks) {
            Native.within(() -> block.addTo(x, rows));
        }
        return x;
    }

    /** Residual stream (n, d) to logits (n, V). */
    public Tensor logits(Tensor hidden) {
        return head.apply(read(hidden));
    }

    /** Residual stream (n, d) to what the head reads (n, d). */
    public Tensor read(Tensor hidden) {
        return finalNorm.apply(hidden);
    }

    /** Residual stream (n, d) to the log-probability (n) of a target token (n) each, without all logits at once. */
    public double[] logProbs(Tensor hidden, int[] target) {
        return head.logProbs(read(hidden), target);
    }

    /** What the head reads (n, d) to logits (n, V). */
    public Tensor headOf(Tensor read) {
        return head.apply(read);
    }

    @Override
    public void close() {
        owned.forEach(Pointer::deallocate);
        if (isCopy) {
            return;
        }
        if (rotation != null) {
            rotation.close();
        }
        weights.close();
    }
}
