package dev.credence.core.audit;

/**
 * What one atom adds to KL(π‖π*): v̄ (z − 1 + e^{−z}) with z = ln v̄/w̄, which is never negative. Far from z = 0 it is
 * w̄ − v̄ + v̄ z; near it these cancel, and a series takes their place. Neither needs an exponential.
 */
final class KlTerm {
    private static final double NEAR = 0.25; // beyond it cancellation costs no more than two digits
    private static final double[] COEFFICIENTS =
            coefficients(13); // of z², z³ …: the next term is below 1e-17 of the first

    private KlTerm() {}

    /** 1/2!, −1/3!, 1/4! …. */
    private static double[] coefficients(int count) {
        double[] coefficients = new double[count];
        double factor = 0.5;
        for (int k = 0; k < count; k++) {
            coefficients[k] = factor;
            factor /= -(k + 3);
        }
        return coefficients;
    }

    /** KL(π‖π0) of a table, Σ v̄ ln v̄/ū in parts that do not cancel: a policy next to its prior keeps its digits. */
    static double policyPrior(Atoms atoms) {
        return atoms.sum(1, (block, sums) -> {
            for (int i = 0; i < block.count; i++) {
                double v = block.v[i];
                sums[0] += v == 0 ? block.u[i] : of(v, block.u[i], block.logRatio[i]);
            }
        })[0];
    }

    /** KL(π‖π*) of one prompt, nats, against a conditional that leaves no text of the policy out. */
    static double departure(Atoms atoms, Conditional conditional) {
        return atoms.sum(1, () -> {
            double[] logWeights = new double[atoms.blockSize()];
            double[] weights = new double[atoms.blockSize()];
            return (block, sums) -> {
                conditional.weigh(block, logWeights, weights);
                double sum = 0;
                for (int i = 0; i < block.count; i++) {
                    double v = block.v[i];
                    sum += v == 0 ? weights[i] : of(v, weights[i], block.logRatio[i] - logWeights[i]);
                }
                sums[0] += sum;
            };
        })[0];
    }

    /**
     * The atom's part.
     *
     * @param v v̄ &gt; 0
     * @param w w̄
     * @param z ln v̄/w̄, nats; infinite where the conditional gives nothing
     * @return nats
     */
    static double of(double v, double w, double z) {
        if (Math.abs(z) < NEAR) {
            double sum = 0;
            for (int k = COEFFICIENTS.length - 1; k >= 0; k--) {
                sum = sum * z + COEFFICIENTS[k];
            }
            return v * z * z * sum;
        }
        return z < Double.POSITIVE_INFINITY ? w - v + v * z : z;
    }
}
