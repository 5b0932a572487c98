package dev.credence.torch.training;

import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The last normalisation and the head, at the rows whose next token is scored, with the derivative of log-softmax written
 * out: the logits' gradient takes the logits' place, and nothing else of size (m, V) is made. A head of one number is read as
 * it is: its scores stand where log-probabilities do.
 *
 * @param norm the last normalisation
 * @param head the projection to logits, or to one number
 * @param isScore whether the head gives one number
 */
record TrainedHead(TrainedNorm norm, TrainedLinear head, boolean isScore) {
    /**
     * What the derivative needs.
     *
     * @param norm of the scored rows
     * @param logits (m, V); (m, 1) scores of a head of one number
     * @param logSum (m, 1) their log-sum-exp; zeros beside scores
     * @param targets (m, 1)
     * @param at (m) scored rows; none where all are
     * @param rows N
     */
    record Trace(
            TrainedNorm.Trace norm,
            Tensor logits,
            Tensor logSum,
            Tensor targets,
            @Nullable Tensor at,
            long rows) {
        /** (m) nats. */
        double[] logProbs() {
            double[] chosen = Native.toDoubles(logits.gather(1, targets).squeeze(1));
            double[] total = Native.toDoubles(logSum.squeeze(1));
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] -= total[i];
            }
            return chosen;
        }

        /** (m·V) nats. */
        double[] distributions() {
            return Native.toDoubles(logits.to(ScalarType.Double).log_softmax(1));
        }
    }

    Trace apply(Tensor hidden, Packing packing, Kept kept) {
        int m = packing.at().length;
        Tensor at = packing.scoresAll() ? null : kept.keep(Native.ids(packing.at(), m));
        TrainedNorm.Trace normed = norm.apply(at == null ? hidden : hidden.index_select(0, at), kept);
        Tensor logits = kept.keep(head.apply(normed.output()));
        return new Trace(
                normed,
                logits,
                kept.keep(isScore ? logits.mul(new Scalar(0.0)) : logits.logsumexp(new long[] {1}, true)),
                kept.keep(Native.ids(isScore ? new int[m] : packing.targets(), m, 1)),
                at,
                hidden.size(0));
    }

    /** The gradient of the hidden rows (N, d), given Σ w log π of the targets, or Σ w s of the scores. The logits are gone afterwards. */
    Tensor backward(Trace trace, double[] weights, Gradients gradients) {
        Tensor w = Native.doubles(weights, weights.length, 1).to(trace.logits.scalar_type());
        if (isScore) {
            return below(trace, w, gradients);
        }
        Tensor out = softmax(trace).mul_(w.neg());
        out.scatter_add_(1, trace.targets, w);
        return below(trace, out, gradients);
    }

    /** The same, given Σ w log π of all tokens; w (m·V). */
    Tensor backwardOfAll(Trace trace, double[] weights, Gradients gradients) {
        Tensor w = Native.doubles(weights, trace.logits.size(0), trace.logits.size(1))
                .to(trace.logits.scalar_type());
        Tensor out = w.addcmul_(
                softmax(trace),
                w.sum(new long[] {1}, true, new ScalarTypeOptional()).neg_());
        return below(trace, out, gradients);
    }

    private static Tensor softmax(Trace trace) {
        return trace.logits.sub_(trace.logSum).exp_();
    }

    private Tensor below(Trace trace, Tensor out, Gradients gradients) {
        Tensor scored = norm.backward(trace.norm, head.backward(trace.norm.output(), out, gradients), gradients);
        if (trace.at == null) {
            return scored;
        }
        return Native.empty(scored.scalar_type(), trace.rows, scored.size(1))
                .zero_()
                .index_copy_(0, trace.at, scored);
    }
}
