package dev.credence.torch;

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
record LowRank(String weight, Tensor down, Tensor up, long from, double scale, int downAt, int upAt) {
    /** Adds to the projection (n, out) of x (n, in), in place. */
    void addTo(Tensor out, Tensor x) {
        own(out).addmm_(torch.mm(x, down.t()), up.t(), new Scalar(1.0), new Scalar(scale));
    }

    /** Adds the gradients of A, B and x (n, in), given that of the output (n, out). */
    void backward(Tensor x, Tensor out, Tensor in, Gradients gradients) {
        Tensor own = own(out);
        Tensor inner = torch.mm(own, up); // (n, r)
        if (upAt >= 0) {
            gradients.of(upAt).addmm_(own.t(), torch.mm(x, down.t()), new Scalar(1.0), new Scalar(scale));
        }
        if (downAt >= 0) {
            gradients.of(downAt).addmm_(inner.t(), x, new Scalar(1.0), new Scalar(scale));
        }
        in.addmm_(inner, down, new Scalar(1.0), new Scalar(scale));
    }

    /** The same on other tensors. */
    LowRank on(Tensor otherDown, Tensor otherUp, int otherDownAt, int otherUpAt) {
        return new LowRank(weight, otherDown, otherUp, from, scale, otherDownAt, otherUpAt);
    }

    /** Adds scale · B·A to the weights (out, in), in place. */
    void mergeInto(Tensor weights) {
        weights.narrow(0, from, up.size(0)).addmm_(up, down, new Scalar(1.0), new Scalar(scale));
    }

    long rank() {
        return down.size(0);
    }

    private Tensor own(Tensor out) {
        return out.narrow(1, from, up.size(0));
    }
}
