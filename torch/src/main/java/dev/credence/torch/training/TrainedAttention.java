package dev.credence.torch.training;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.layers.Rotation;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention within each sequence, from the projection to queries, keys and values to the heads' outputs, with its
 * derivative. The product itself is libtorch's fused one, differentiated by libtorch; what is around it is done here.
 *
 * @param sizes heads and their width
 * @param queryNorm normalisation of each query head, or none
 * @param keyNorm normalisation of each key head, or none
 * @param rotation rotary positions, or none
 * @param scale what the scores are multiplied by
 */
record TrainedAttention(
        Architecture.Attention sizes,
        @Nullable TrainedNorm queryNorm,
        @Nullable TrainedNorm keyNorm,
        @Nullable Rotation rotation,
        double scale) {
    /**
     * What the derivative needs.
     *
     * @param output (N, H·h)
     * @param runs one for each of the packing's
     */
    record Trace(Tensor output, List<RunTrace> runs) {}

    private record RunTrace(Tensor queries, Tensor keys, Tensor values, Tensor output, Norms norms) {}

    private record Norms(TrainedNorm.@Nullable Trace queries, TrainedNorm.@Nullable Trace keys) {}

    /** Projected (N, (H+2G)·h), which is changed, to (N, H·h). */
    Trace apply(Tensor projected, Packing packing, Kept kept) {
        List<Tensor> owns = new ArrayList<>();
        List<Norms> norms = new ArrayList<>(); // all that is done in place comes before what libtorch differentiates
        for (Packing.Run run : packing.runs()) {
            Tensor own = byHead(projected, run);
            owns.add(own);
            norms.add(prepare(own, kept));
        }
        List<RunTrace> runs = new ArrayList<>();
        List<Tensor> outputs = new ArrayList<>();
        long wide = (long) sizes.heads() * sizes.headWidth();
        for (Packing.Run run : packing.runs()) {
            RunTrace trace = apply(owns.get(runs.size()), norms.get(runs.size()), kept);
            runs.add(trace);
            outputs.add(trace.output.detach().transpose(1, 2).reshape(run.rows(), wide));
        }
        return new Trace(kept.keep(byRow(outputs, packing)), runs);
    }

    /** Of each run (places, H·h), to (N, H·h). */
    private static Tensor byRow(List<Tensor> outputs, Packing packing) {
        if (packing.runs().stream().noneMatch(Packing.Run::isShared)) {
            return outputs.size() == 1
                    ? outputs.get(0)
                    : torch.cat(new TensorVector(outputs.toArray(new Tensor[0])), 0);
        }
        Tensor output = Native.empty(
                outputs.get(0).scalar_type(),
                packing.ids().length,
                outputs.get(0).size(1));
        for (int i = 0; i < outputs.size(); i++) {
            Packing.Places places = packing.runs().get(i).shared();
            output.index_copy_(0, ids(places.ownRows()), outputs.get(i).index_select(0, ids(places.own())));
        }
        return output;
    }

    /** The gradient of the projected, given that of the output (N, H·h). */
    Tensor backward(Trace trace, Tensor out, Packing packing, Gradients gradients) {
        long heads = sizes.heads() + 2L * sizes.keyValueHeads();
        Tensor projected = Native.empty(out.scalar_type(), out.size(0), heads * sizes.headWidth());
        if (packing.runs().stream().anyMatch(Packing.Run::isShared)) {
            projected.zero_();
        }
        for (int i = 0; i < trace.runs.size(); i++) {
            Packing.Run run = packing.runs().get(i);
            Packing.Places places = run.shared();
            if (!run.isShared()) {
                backward(
                        trace.runs.get(i),
                        out.narrow(0, run.from(), run.rows()),
                        run,
                        byHead(projected, run),
                        gradients);
                continue;
            }
            Tensor own =
                    Native.empty(out.scalar_type(), run.rows(), out.size(1)).zero_();
            own.index_copy_(0, ids(places.own()), out.index_select(0, ids(places.ownRows())));
            Tensor made = Native.empty(out.scalar_type(), run.rows(), projected.size(1));
            backward(trace.runs.get(i), own, run, heads(made, run), gradients);
            projected.index_add_(0, ids(places.rows()), made);
        }
        return projected;
    }

    private static Tensor ids(int[] ids) {
        return Native.ids(ids, ids.length);
    }

    /** Normalises and turns the queries and keys of one run (n, c, H+2G, h), in place. */
    private Norms prepare(Tensor projected, Kept kept) {
        int heads = sizes.heads();
        int shared = sizes.keyValueHeads();
        Norms norms = new Norms(
                norm(queryNorm, projected.narrow(2, 0, heads), kept),
                norm(keyNorm, projected.narrow(2, heads, shared), kept));
        if (rotation != null) {
            rotation.turn(projected, heads + (long) shared, 0, true);
        }
        return norms;
    }

    /** Of one run: (n, c, H+2G, h). */
    @SuppressWarnings("try")
    private RunTrace apply(Tensor projected, Norms norms, Kept kept) {
        int heads = sizes.heads();
        int shared = sizes.keyValueHeads();
        Tensor queries = leaf(projected.narrow(2, 0, heads), kept);
        Tensor keys = leaf(projected.narrow(2, heads, shared), kept);
        Tensor values = leaf(projected.narrow(2, heads + (long) shared, shared), kept);
        try (AutoGradMode mode = new AutoGradMode(true)) {
            Tensor output = torch.scaled_dot_product_attention(
                    queries,
                    spread(keys),
                    spread(values),
                    new TensorOptional(),
                    0.0,
                    true,
                    new DoubleOptional(scale),
                    false);
            return new RunTrace(queries, keys, values, kept.keep(output), norms);
        }
    }

    private void backward(RunTrace trace, Tensor rows, Packing.Run run, Tensor projected, Gradients gradients) {
        Tensor out = rows.view(run.sequences(), run.tokens(), sizes.heads(), sizes.headWidth())
                .transpose(1, 2);
        int heads = sizes.heads();
        int shared = sizes.keyValueHeads();
        TensorVector made = torch.grad(
                new TensorVector(trace.output),
                new TensorVector(trace.queries, trace.keys, trace.values),
                new TensorVector(out),
                new BoolOptional(),
                false,
                false);
        projected.narrow(2, 0, heads).copy_(made.get(0).transpose(1, 2));
        projected.narrow(2, heads, shared).copy_(made.get(1).transpose(1, 2));
        projected.narrow(2, heads + (long) shared, shared).copy_(made.get(2).transpose(1, 2));
        if (rotation != null) {
            rotation.turnBack(projected, heads + (long) shared);
        }
        normBackward(queryNorm, trace.norms.queries, projected.narrow(2, 0, heads), gradients);
        normBackward(keyNorm, trace.norms.keys, projected.narrow(2, heads, shared), gradients);
    }

    private static TrainedNorm.@Nullable Trace norm(@Nullable TrainedNorm norm, Tensor own, Kept kept) {
        if (norm == null) {
            return null;
        }
        TrainedNorm.Trace trace = norm.apply(own.clone(), kept);
        own.copy_(trace.output());
        return trace;
    }

    private static void normBackward(
            @Nullable TrainedNorm norm, TrainedNorm.@Nullable Trace trace, Tensor own, Gradients gradients) {
        if (norm != null && trace != null) {
            own.copy_(norm.backward(trace, own, gradients));
        }
    }

    /** (n, c, heads, h) to a leaf (n, heads, c, h) that libtorch differentiates by. */
    private static Tensor leaf(Tensor own, Kept kept) {
        Tensor leaf = own.transpose(1, 2).detach();
        leaf.set_requires_grad(true);
        return kept.keep(leaf);
    }

    private Tensor spread(Tensor shared) {
        int group = sizes.heads() / sizes.keyValueHeads();
        return group == 1 ? shared : torch.repeat_interleave(shared, group, new LongOptional(1), new LongOptional());
    }

    /** Of one run: a view where its rows follow each other, else a copy. */
    private Tensor byHead(Tensor rows, Packing.Run run) {
        return heads(
                run.isShared()
                        ? rows.index_select(0, ids(run.shared().rows()))
                        : rows.narrow(0, run.from(), run.rows()),
                run);
    }

    private Tensor heads(Tensor rows, Packing.Run run) {
        return rows.view(run.sequences(), run.tokens(), sizes.heads() + 2L * sizes.keyValueHeads(), sizes.headWidth());
    }
}
