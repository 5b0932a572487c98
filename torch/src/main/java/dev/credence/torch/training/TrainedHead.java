package dev.credence.torch.training;

import dev.credence.torch.layers.Packing;
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
     * @param logits (r, V); (r, 1) scores of a head of one number
     * @param logSum (r, 1) their log-sum-exp; zeros beside scores
     * @param targets (m) which of the logits, row by row, are the targets'
     * @param at (r) scored rows; none where all are
     * @param packing whose rows they are
     */
    record Trace(
            TrainedNorm.Trace norm,
            Tensor logits,
            Tensor logSum,
            Tensor targets,
            @Nullable Tensor at,
            Packing packing) {
        /** (m) nats. */
        double[] logProbs() {
            double[] chosen = Native.toDoubles(logits.view(-1).index_select(0, targets));
            double[] total = Native.toDoubles(logSum.squeeze(1));
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] -= total[packing.scored()[i]];
            }
            return chosen;
        }

        /** (m·V) nats. */
        double[] distributions() {
            Tensor all = logits.to(ScalarType.Double).log_softmax(1);
            return Native.toDoubles(packing.isOneByOne() ? all : all.index_select(0, scored()));
        }

        /** (m) row of the logits that each target is in. */
        private Tensor scored() {
            return Native.ids(packing.scored(), packing.scored().length);
        }
    }

    Trace apply(Tensor hidden, Packing packing, Kept kept) {
        int r = packing.at().length;
        Tensor at = packing.scoresAll() ? null : kept.keep(Native.ids(packing.at(), r));
        TrainedNorm.Trace normed = norm.apply(at == null ? hidden : hidden.index_select(0, at), kept);
        Tensor logits = kept.keep(head.apply(normed.output()));
        return new Trace(
                normed,
                logits,
                kept.keep(isScore ? logits.mul(new Scalar(0.0)) : logits.logsumexp(new long[] {1}, true)),
                kept.keep(Native.ids(packing.placesOf(logits.size(1)), packing.targets().length)),
                at,
                packing);
    }

    /** The gradient of the hidden rows (N, d), given Σ w log π of the targets, or Σ w s of the scores. The logits are gone afterwards. */
    Tensor backward(Trace trace, double[] weights, Gradients gradients) {
        ScalarType type = trace.logits.scalar_type();
        double[] sums = new double[Math.toIntExact(trace.logits.size(0))]; // of the targets that a row predicts
        for (int k = 0; k < weights.length; k++) {
            sums[trace.packing.scored()[k]] += weights[k];
        }
        Tensor all = Native.doubles(sums, sums.length, 1).to(type);
        if (isScore) {
            return below(trace, all, gradients);
        }
        Tensor out = softmax(trace).mul_(all.neg_());
        out.view(-1)
                .scatter_add_(
                        0,
                        trace.targets,
                        Native.doubles(weights, weights.length).to(type));
        return below(trace, out, gradients);
    }

    /** The same, given Σ w log π of all tokens; w (m·V). */
    Tensor backwardOfAll(Trace trace, double[] weights, Gradients gradients) {
        Tensor each = Native.doubles(weights, trace.packing.targets().length, trace.logits.size(1))
                .to(trace.logits.scalar_type());
        Tensor w = trace.packing.isOneByOne()
                ? each
                : Native.empty(each.scalar_type(), trace.logits.size(0), trace.logits.size(1))
                        .zero_()
                        .index_add_(0, trace.scored(), each);
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
        return Native.empty(scored.scalar_type(), trace.packing.ids().length, scored.size(1))
                .zero_()
                .index_copy_(0, trace.at, scored);
    }
}
