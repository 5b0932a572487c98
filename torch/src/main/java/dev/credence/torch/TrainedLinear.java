package dev.credence.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A projection with its derivative.
 *
 * @param forward the projection
 * @param weight (out, in)
 * @param weightAt index of the weight among the parameters; −1 where it is frozen
 * @param biasAt index of the bias; −1 where it is frozen or there is none
 */
record TrainedLinear(Linear forward, Tensor weight, int weightAt, int biasAt) {
    /** (n, in) to (n, out). */
    Tensor apply(Tensor x) {
        return forward.apply(x);
    }

    /** sum (n, out) plus the projection of x (n, in), as a new tensor. */
    Tensor plus(Tensor sum, Tensor x) {
        Tensor total = torch.addmm(sum, x, forward.columns());
        forward.addRest(total, x);
        return total;
    }

    /**
     * Adds to the gradients of the weights.
     *
     * @param x (n, in) what it was applied to
     * @param out (n, out) gradient of its output
     * @param gradients take those of weight and bias
     * @return (n, in) gradient of x
     */
    Tensor backward(Tensor x, Tensor out, Gradients gradients) {
        if (weightAt >= 0) {
            gradients.of(weightAt).addmm_(out.t(), x);
        }
        if (biasAt >= 0) {
            gradients.of(biasAt).add_(out.sum(0));
        }
        Tensor in = torch.mm(out, weight);
        for (LowRank low : forward.added()) {
            low.backward(x, out, in, gradients);
        }
        return in;
    }
}
