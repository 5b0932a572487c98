package dev.credence.torch.inference;

import dev.credence.core.model.TokenDraw;
import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Logits on a device, cut into blocks of {@link TokenDraw#BLOCK} tokens: the sums of the blocks are small enough to be copied, and a
 * draw then needs the logits of one block alone.
 *
 * @param padded (rows · blocks, BLOCK) logits; −∞ behind the vocabulary
 * @param each blocks of a row
 * @param masses (rows · blocks) sums of exp(logit − max)
 * @param max (rows) largest logit
 */
@SuppressWarnings("ArrayRecordComponent") // handed from one method to another
record LogitBlocks(Tensor padded, int each, double[] masses, double[] max) {
    /** Of logits (rows, V). */
    static LogitBlocks of(Tensor logits) {
        long rows = logits.size(0);
        int vocabulary = (int) logits.size(1);
        int each = TokenDraw.blocks(vocabulary);
        Tensor wide = logits.to(ScalarType.Double);
        Tensor max = wide.amax(new long[] {1}, false);
        Tensor padded = torch.constant_pad_nd(
                        wide,
                        new long[] {0, (long) each * TokenDraw.BLOCK - vocabulary},
                        new Scalar(Double.NEGATIVE_INFINITY))
                .view(rows, each, TokenDraw.BLOCK);
        Tensor masses = padded.sub(max.view(rows, 1, 1)).exp_().sum(2);
        return new LogitBlocks(
                padded.view(rows * each, TokenDraw.BLOCK), each, Native.toDoubles(masses), Native.toDoubles(max));
    }

    /** (blocks · BLOCK) logits of some blocks. */
    double[] logits(int[] blocks) {
        return Native.toDoubles(padded.index_select(0, Native.ids(blocks, blocks.length)));
    }
}
