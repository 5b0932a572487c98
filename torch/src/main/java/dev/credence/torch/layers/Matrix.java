package dev.credence.torch.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The matrix of a projection, in whichever form it is held. */
public interface Matrix {
    /** How many numbers it makes of a row. */
    long outputs();

    /** x (n, in) times it, and a bias (out), as a new tensor (n, out). */
    Tensor of(Tensor x, @Nullable Tensor bias);

    /** Adds x (n, in) times it to sum (n, out), in place. */
    void addTo(Tensor sum, Tensor x);

    /** Whether the threads share a product of it, when no worker is calling. */
    boolean isShared();

    /** One that is multiplied a few outputs at a time. */
    interface ByOutputs extends Matrix {
        /** Log-softmax of x (n, in) times it at one target (n) each, nats; a few outputs are soon forgotten. */
        double[] logProbs(Tensor x, int[] target);
    }

    /**
     * As libtorch multiplies it, by one thread.
     *
     * @param columns (in, out) view of the weights
     */
    record Dense(Tensor columns) implements Matrix {
        @Override
        public long outputs() {
            return columns.size(1);
        }

        @Override
        public Tensor of(Tensor x, @Nullable Tensor bias) {
            return bias == null ? torch.mm(x, columns) : torch.addmm(bias, x, columns);
        }

        @Override
        public void addTo(Tensor sum, Tensor x) {
            sum.addmm_(x, columns);
        }

        @Override
        public boolean isShared() {
            return false;
        }
    }

    /**
     * In 16 bits.
     *
     * @param products how it is multiplied
     * @param columns (in, out) view of the weights
     */
    record Narrow(NarrowProducts products, Tensor columns) implements ByOutputs {
        @Override
        public long outputs() {
            return columns.size(1);
        }

        @Override
        public Tensor of(Tensor x, @Nullable Tensor bias) {
            Tensor out = products.of(x, columns);
            return bias == null ? out : out.add_(bias);
        }

        @Override
        public void addTo(Tensor sum, Tensor x) {
            products.addTo(sum, x, columns);
        }

        @Override
        public boolean isShared() {
            return products.isShared(columns);
        }

        @Override
        public double[] logProbs(Tensor x, int[] target) {
            return products.logProbs(x, columns, target);
        }
    }
}
