package dev.credence.torch.training;

import dev.credence.torch.layers.Linear;
import dev.credence.torch.weights.LowRank;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A projection with its derivative.
 *
 * @param forward the projection
 * @param weight (out, in)
 * @param weightAt index of the weight among the parameters; −1 where it is frozen
 * @param biasAt index of the bias; −1 where it is frozen or there is none
 * @param products how it multiplies
 */
record TrainedLinear(Linear forward, Tensor weight, int weightAt, int biasAt, Products products) {
    /** (n, in) to (n, out). */
    Tensor apply(Tensor x) {
        Tensor columns = products.weights(forward.columns());
        Tensor bias = forward.bias();
        Tensor out = bias == null ? products.of(x, products.rows(x), columns) : products.plus(bias, x, columns);
        forward.addAdapters(out, x);
        return out;
    }

    /** sum (n, out) plus the projection of x (n, in), as a new tensor. */
    Tensor plus(Tensor sum, Tensor x) {
        Tensor total = products.plus(sum, x, products.weights(forward.columns()));
        forward.addRest(total, x);
        return total;
    }

    /** Adds the projection of x (n, in) to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x) {
        products.addTo(sum, products.rows(x), products.weights(forward.columns()));
        forward.addRest(sum, x);
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
        Tensor rows = products.rows(out);
        if (weightAt >= 0) {
            products.addGradient(gradients.of(weightAt), rows, products.rows(x));
        }
        if (biasAt >= 0) {
            gradients.of(biasAt).add_(out.sum(0));
        }
        Tensor in = products.of(out, rows, products.weights(weight));
        for (LowRank low : forward.added()) {
            addGradients(low, x, out, in, gradients);
        }
        return in;
    }

    /** Adds the gradients of an adapter's A and B, and to that of x (n, in), given that of the output (n, out). */
    private static void addGradients(LowRank low, Tensor x, Tensor out, Tensor in, Gradients gradients) {
        Tensor own = low.own(out);
        Tensor inner = torch.mm(own, low.up()); // (n, r)
        if (low.upAt() >= 0) {
            Tensor narrow = torch.mm(x, low.down().t()); // (n, r)
            gradients.of(low.upAt()).addmm_(own.t(), narrow, new Scalar(1.0), new Scalar(low.scale()));
        }
        if (low.downAt() >= 0) {
            gradients.of(low.downAt()).addmm_(inner.t(), x, new Scalar(1.0), new Scalar(low.scale()));
        }
        in.addmm_(inner, low.down(), new Scalar(1.0), new Scalar(low.scale()));
    }
}
