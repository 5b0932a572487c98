package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Log-softmax at one target a row, of logits that come a block of columns at a time and are soon forgotten. */
final class BlockSoftmax {
    private static final long PIECE = 1 << 18; // logits that stay in the cache through the passes over them

    private final Tensor ids; // (n)
    private final Tensor chosen; // (n)
    private final Tensor totals; // (n, blocks)

    BlockSoftmax(int[] target, int blocks) {
        this.ids = Native.ids(target, target.length);
        this.chosen = Native.empty(ScalarType.Float, target.length).zero_();
        this.totals = Native.empty(ScalarType.Float, target.length, blocks);
    }

    /**
     * Takes a block; blocks come one after the other.
     *
     * @param logits (n, width)
     * @param from the first column's number
     * @param block which one
     */
    void take(Tensor logits, long from, long block) {
        long rows = logits.size(0);
        long step = Math.max(1, PIECE / logits.size(1));
        for (long row = 0; row < rows; row += step) {
            long first = row;
            long count = Math.min(step, rows - row);
            Native.within(() -> totals.narrow(1, block, 1)
                    .narrow(0, first, count)
                    .copy_(logits.narrow(0, first, count).logsumexp(new long[] {1}, true)));
        }
        Tensor at = ids.sub(new Scalar(from));
        Tensor within = at.ge(new Scalar(0L)).logical_and(at.lt(new Scalar(logits.size(1))));
        Tensor inside =
                at.clamp_(new ScalarOptional(new Scalar(0L)), new ScalarOptional(new Scalar(logits.size(1) - 1)));
        Tensor own = logits.gather(1, inside.unsqueeze(1)).squeeze(1);
        chosen.add_(own.mul(within.to(ScalarType.Float)));
    }

    /** (n) nats. */
    double[] logProbs() {
        double[] logit = Native.toDoubles(chosen);
        double[] total = Native.toDoubles(totals.logsumexp(1));
        for (int i = 0; i < logit.length; i++) {
            logit[i] -= total[i];
        }
        return logit;
    }
}
