package dev.credence.torch.training;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.layers.Embedding;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of {@link Network} on the same weights, with its derivative written out: nothing is overwritten that the
 * backward pass reads, gradients are added where they belong, and what lies below the lowest trained weight is not
 * differentiated. Weights are read-only: any number of threads may run it, each with gradients of its own.
 */
final class TrainedNetwork implements AutoCloseable {
    private final Embedding embedding;
    private final @Nullable Tensor positions; // (context, d)
    private final int embeddingAt;
    private final int positionsAt;
    private final int
            lowest; // the first block whose input's gradient nobody needs, less one; −1: the embedding is trained
    private final List<TrainedBlock> blocks = new ArrayList<>();
    private final TrainedHead head;
    private final List<Pointer> owned = new ArrayList<>();

    /**
     * The layers of a network.
     *
     * @param network whose weights are used
     * @param trained which of them are parameters
     * @param lowest the lowest block with a parameter; −1 where the embedding or the positions are trained
     * @param products how projections within the blocks multiply
     */
    TrainedNetwork(Network network, TrainedWeights.Trained trained, int lowest, Products products) {
        Architecture a = network.architecture();
        TrainedWeights weights = new TrainedWeights(network.named(owned), trained, products);
        int outside = a.layers();
        this.lowest = lowest;
        this.embedding = weights.named().embedding();
        this.embeddingAt = trained.index(Role.EMBEDDING, outside);
        this.positions = a.rotary() == null ? weights.named().tensor(Role.POSITIONS) : null;
        this.positionsAt = positions == null ? -1 : trained.index(Role.POSITIONS, outside);
        for (int layer = 0; layer < a.layers(); layer++) {
            blocks.add(new TrainedBlock(weights, network.rotation(), layer));
        }
        this.head = new TrainedHead(
                weights.norm(Role.FINAL_NORM, Role.FINAL_NORM_BIAS, outside),
                weights.linear(a.wiring().tiedHead() ? Role.EMBEDDING : Role.HEAD, null, outside),
                a.wiring().head() == Architecture.Head.SCORE);
    }

    /** One packing on its way through the network and back. */
    Pass forward(Packing packing) {
        Pass pass = new Pass(packing);
        Native.within(() -> pass.forward());
        return pass;
    }

    @Override
    public void close() {
        owned.forEach(Pointer::deallocate);
    }

    /** A forward pass that keeps what the backward pass needs, until it is closed. */
    final class Pass implements AutoCloseable {
        private final Packing packing;
        private final Kept kept = new Kept();
        private final List<TrainedBlock.Trace> traces = new ArrayList<>();
        private TrainedHead.@Nullable Trace end;

        private Pass(Packing packing) {
            this.packing = packing;
        }

        Packing packing() {
            return packing;
        }

        private void forward() {
            Tensor x = embedding.rows(Native.ids(packing.ids(), packing.ids().length)); // (N, d)
            if (positions != null) {
                x.add_(positions.index_select(0, places()));
            }
            for (int layer = 0; layer < blocks.size(); layer++) {
                x = through(layer, x);
            }
            end = head.apply(x, packing, kept);
        }

        private Tensor through(int layer, Tensor x) {
            TrainedBlock.Trace trace = Native.within(() -> {
                if (layer >= lowest) {
                    return blocks.get(layer).apply(x, packing, kept);
                }
                try (Kept passing = new Kept()) {
                    TrainedBlock.Trace made = blocks.get(layer).apply(x, packing, passing);
                    kept.keep(made.output());
                    return made;
                }
            });
            traces.add(trace);
            return trace.output();
        }

        /** (m) nats of the packing's targets. */
        double[] logProbs() {
            return Native.within(() -> end().logProbs());
        }

        /** (m·V) nats. */
        double[] distributions() {
            return Native.within(() -> end().distributions());
        }

        /** Adds the gradient of Σ w log π of the targets; once. */
        void backward(double[] weights, Gradients gradients) {
            Native.within(() -> below(head.backward(end(), weights, gradients), gradients));
        }

        /** Adds the gradient of Σ w log π of all tokens, w (m·V); once. */
        void backwardOfAll(double[] weights, Gradients gradients) {
            Native.within(() -> below(head.backwardOfAll(end(), weights, gradients), gradients));
        }

        private void below(Tensor out, Gradients gradients) {
            Tensor x = out;
            for (int layer = blocks.size() - 1; layer >= Math.max(0, lowest); layer--) {
                x = blocks.get(layer).backward(traces.get(layer), x, packing, gradients);
            }
            if (embeddingAt >= 0 && lowest < 0) {
                gradients.of(embeddingAt).index_add_(0, Native.ids(packing.ids(), packing.ids().length), x);
            }
            if (positionsAt >= 0) {
                gradients.of(positionsAt).index_add_(0, places(), x);
            }
        }

        private Tensor places() {
            return Native.ids(packing.positions(), packing.positions().length);
        }

        private TrainedHead.Trace end() {
            return Objects.requireNonNull(end);
        }

        @Override
        public void close() {
            kept.close();
        }
    }
}
