package dev.credence.torch.weights;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What an adapter adds to some output rows of a projection: scale · B·A (Hu et al. 2022, LoRA, §4.1).
 *
 * @param weight the stored weight it belongs to
 * @param down A (r, in)
 * @param up B (rows, r)
 * @param from the first output row it adds to
 * @param scale factor
 * @param downAt index of A among the parameters; −1 where it is frozen
 * @param upAt index of B
 */
public record LowRank(String weight, Tensor down, Tensor up, long from, double scale, int downAt, int upAt) {
    /** Adds to the projection (n, out) of x (n, in), in place. */
    public void addTo(Tensor out, Tensor x) {
        own(out).addmm_(torch.mm(x, down.t()), up.t(), new Scalar(1.0), new Scalar(scale));
    }

    /** The same on other tensors. */
    public LowRank on(Tensor otherDown, Tensor otherUp, int otherDownAt, int otherUpAt) {
        return new LowRank(weight, otherDown, otherUp, from, scale, otherDownAt, otherUpAt);
    }

    /** Adds scale · B·A to the weights (out, in), in place. */
    void mergeInto(Tensor weights) {
        weights.narrow(0, from, up.size(0)).addmm_(up, down, new Scalar(1.0), new Scalar(scale));
    }

    long rank() {
        return down.size(0);
    }

    /** The columns of an output (n, out) that it adds to. */
    public Tensor own(Tensor out) {
        return out.narrow(1, from, up.size(0));
    }
}
