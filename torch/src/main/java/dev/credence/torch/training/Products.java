package dev.credence.torch.training;

import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Native;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * How a training step multiplies by weights: in the numbers' own precision, or on copies of both factors rounded to bfloat16,
 * summed in single precision. Parameters, gradients, moments, normalisations, attention and the loss stay as they are
 * (Micikevicius et al. 2018, mixed precision training, §3.1; bfloat16 needs no scaling of the loss).
 *
 * @param rounded what the factors are rounded to, or null
 */
record Products(@Nullable ScalarType rounded) {
    /** Rows come in any number, and oneDNN compiles a product anew for each. */
    private static final long ROW_STEP = 64;

    static Products in(Precision precision) {
        return switch (precision) {
            case FLOAT32, FLOAT64 -> new Products(null);
            case BFLOAT16 -> new Products(ScalarType.BFloat16);
            case FLOAT16 ->
                throw new IllegalArgumentException("products are in FLOAT16; its gradients would vanish: use BFLOAT16");
        };
    }

    /** Weights as a factor. */
    Tensor weights(Tensor weights) {
        return rounded == null ? weights : weights.to(rounded);
    }

    /** Rows (n, k) as a factor: rounded ones are followed by zeros up to a whole number of steps. */
    Tensor rows(Tensor x) {
        if (rounded == null) {
            return x;
        }
        long n = x.size(0);
        long padded = (n + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
        Tensor factor = Native.empty(rounded, padded, x.size(1));
        factor.narrow(0, 0, n).copy_(x);
        factor.narrow(0, n, padded - n).zero_();
        return factor;
    }

    /** The product of rows and weights, as the n rows that x has, in its precision. */
    Tensor of(Tensor x, Tensor rows, Tensor weights) {
        Tensor product = torch.mm(rows, weights);
        return rounded == null ? product : product.narrow(0, 0, x.size(0)).to(x.scalar_type());
    }

    /** sum (n, m) plus the product of rows and weights, in place. */
    void addTo(Tensor sum, Tensor rows, Tensor weights) {
        if (rounded == null) {
            sum.addmm_(rows, weights);
        } else {
            sum.add_(torch.mm(rows, weights).narrow(0, 0, sum.size(0)));
        }
    }

    /** sum (n, m), or a bias (m), plus the product of rows and weights, as the n rows that x has and a new tensor. */
    Tensor plus(Tensor sum, Tensor x, Tensor weights) {
        return rounded == null
                ? torch.addmm(sum, x, weights)
                : of(x, rows(x), weights).add_(sum);
    }

    /** gradient (m, k) plus outᵀ·x of two sets of rows, in place; the zeros behind them add nothing. */
    void addGradient(Tensor gradient, Tensor out, Tensor x) {
        if (rounded == null) {
            gradient.addmm_(out.t(), x);
        } else {
            gradient.add_(torch.mm(out.t(), x));
        }
    }
}
