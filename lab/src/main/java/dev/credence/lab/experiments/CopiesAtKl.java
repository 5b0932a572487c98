package dev.credence.lab.experiments;

import dev.credence.core.posterior.TiltedFamily;
import java.util.List;

/** The one strength of a reward, over several prompts, whose RL update costs a wanted KL. */
final class CopiesAtKl {
    private static final double ROUNDING = 1e-12;
    private static final int STEPS = 200;

    private CopiesAtKl() {}

    /**
     * The copies λ ≥ 0 with Σ_c ω_c KL(π*_λ(·|c)‖π0(·|c)) = kl.
     *
     * @param families the prompts' texts
     * @param weights of the prompts, summing to 1
     * @param kl nats, ≥ 0
     * @return ∞ where even the limit on the largest rewards costs no more
     */
    static double copies(List<TiltedFamily> families, List<Double> weights, double kl) {
        if (kl <= ROUNDING) {
            return 0;
        }
        if (kl >= mean(families, weights, Double.POSITIVE_INFINITY) - ROUNDING) {
            return Double.POSITIVE_INFINITY;
        }
        double high = 1;
        while (mean(families, weights, high) < kl) {
            high *= 2;
        }
        double low = 0;
        for (int step = 0; step < STEPS && high - low > Math.ulp(high); step++) {
            double middle = low + (high - low) / 2;
            if (mean(families, weights, middle) < kl) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double mean(List<TiltedFamily> families, List<Double> weights, double copies) {
        double mean = 0;
        for (int c = 0; c < families.size(); c++) {
            mean += weights.get(c) * families.get(c).at(copies).klToPrior();
        }
        return mean;
    }
}
