package dev.credence.torch.training;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.layers.Block;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.layers.Rotation;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One block with its derivative; the same weights as {@link Block}'s, on packed rows. */
final class TrainedBlock {
    private final Architecture a;
    private final TrainedNorm attentionNorm;
    private final TrainedLinear attentionIn;
    private final TrainedAttention attention;
    private final TrainedLinear attentionOut;
    private final TrainedNorm feedForwardNorm;
    private final TrainedLinear feedForwardIn;
    private final TrainedLinear feedForwardOut;
    private final TrainedActivation activation;

    TrainedBlock(TrainedWeights weights, @Nullable Rotation rotation, int layer) {
        this.a = weights.architecture();
        this.attentionNorm = weights.norm(Role.ATTENTION_NORM, Role.ATTENTION_NORM_BIAS, layer);
        this.attentionIn = weights.linear(Role.ATTENTION_IN, Role.ATTENTION_IN_BIAS, layer);
        boolean normed = a.attention().headNorm();
        this.attention = new TrainedAttention(
                a.attention(),
                normed ? weights.norm(Role.QUERY_NORM, null, layer) : null,
                normed ? weights.norm(Role.KEY_NORM, null, layer) : null,
                rotation,
                a.attention().scale(layer));
        this.attentionOut = weights.linear(Role.ATTENTION_OUT, Role.ATTENTION_OUT_BIAS, layer);
        this.feedForwardNorm = weights.norm(Role.FEED_FORWARD_NORM, Role.FEED_FORWARD_NORM_BIAS, layer);
        this.feedForwardIn = weights.linear(Role.FEED_FORWARD_IN, Role.FEED_FORWARD_IN_BIAS, layer);
        this.feedForwardOut = weights.linear(Role.FEED_FORWARD_OUT, Role.FEED_FORWARD_OUT_BIAS, layer);
        this.activation = new TrainedActivation(a.feedForward().activation());
    }

    /**
     * What the derivative needs.
     *
     * @param output (N, d) the residual stream behind the block
     * @param attentionNorm what the attention reads
     * @param attention its heads
     * @param feedForwardNorm what the feed-forward part reads
     * @param inner (N, f) before the nonlinearity; (N, 2f) where it is gated
     * @param nonlinear (N, f) behind it
     * @param activated (N, f) the same, gated
     */
    record Trace(
            Tensor output,
            TrainedNorm.Trace attentionNorm,
            TrainedAttention.Trace attention,
            TrainedNorm.Trace feedForwardNorm,
            Tensor inner,
            TrainedActivation.Trace nonlinear,
            Tensor activated) {}

    /** The residual stream (N, d) with the block's two parts added, as a new tensor. */
    Trace apply(Tensor x, Packing packing, Kept kept) {
        TrainedNorm.Trace first = attentionNorm.apply(x, kept);
        TrainedAttention.Trace attended = attention.apply(attentionIn.apply(first.output()), packing, kept);
        Tensor between = a.wiring().parallel() ? x : attentionOut.plus(x, attended.output());
        TrainedNorm.Trace second = feedForwardNorm.apply(between, kept);
        Tensor inner = kept.keep(feedForwardIn.apply(second.output()));
        TrainedActivation.Trace nonlinear = activation.apply(gate(inner), kept);
        Tensor activated =
                a.feedForward().gated() ? kept.keep(nonlinear.output().mul(up(inner))) : nonlinear.output();
        Tensor output = feedForwardOut.plus(between, activated);
        if (a.wiring().parallel()) {
            attentionOut.addTo(output, attended.output());
        }
        return new Trace(kept.keep(output), first, attended, second, inner, nonlinear, activated);
    }

    /** The gradient of the block's input, given that of its output (N, d). */
    Tensor backward(Trace trace, Tensor out, Packing packing, Gradients gradients) {
        Tensor activated = feedForwardOut.backward(trace.activated, out, gradients);
        Tensor inner = activateBackward(trace, activated);
        Tensor second = feedForwardIn.backward(trace.feedForwardNorm.output(), inner, gradients);
        Tensor between = feedForwardNorm
                .backward(trace.feedForwardNorm, second, gradients)
                .add_(out);
        Tensor attended =
                attentionOut.backward(trace.attention.output(), a.wiring().parallel() ? out : between, gradients);
        Tensor projected = attention.backward(trace.attention, attended, packing, gradients);
        Tensor first = attentionIn.backward(trace.attentionNorm.output(), projected, gradients);
        return attentionNorm.backward(trace.attentionNorm, first, gradients).add_(between);
    }

    private Tensor activateBackward(Trace trace, Tensor out) {
        if (!a.feedForward().gated()) {
            return activation.backward(trace.nonlinear, out);
        }
        Tensor inner = Native.empty(out.scalar_type(), trace.inner.size(0), trace.inner.size(1));
        up(inner).copy_(trace.nonlinear.output().mul(out));
        gate(inner).copy_(activation.backward(trace.nonlinear, out.mul_(up(trace.inner))));
        return inner;
    }

    /** The half that is activated; all where nothing is gated. */
    private Tensor gate(Tensor inner) {
        return a.feedForward().gated() ? inner.narrow(1, 0, a.feedForward().width()) : inner;
    }

    /** The half that is multiplied. */
    private Tensor up(Tensor inner) {
        return inner.narrow(1, a.feedForward().width(), a.feedForward().width());
    }
}
