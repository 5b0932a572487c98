package dev.credence.core.evidence;

import java.util.Arrays;

/**
 * Luce's choice from a pool: L(x) = E[w(x) / (w(x) + Σ of k−1 other draws' w)], w = e^r (THEORY §2, reading c).
 *
 * <p>As an integral: L(x) = ∫ w(x) e^(−w(x)t) φ(t)^(k−1) dt with φ(t) = E_π0 e^(−wt). With t = e^y the integrand is analytic
 * in a strip of half-width π/2, so the trapezoid rule's error is of the order e^(−π²/step): 1e-17 here. Linear in the number
 * of distinct rewards.
 */
record LucePool(double k) implements RewardLikelihood {
    private static final double STEP = 0.25;
    private static final double LOG_NEGLIGIBLE = -40;

    LucePool {
        if (!(k >= 1 && k < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("k is " + k + "; a pool must have at least one member, finitely many");
        }
    }

    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        RewardLevels levels = RewardLevels.of(reward, priorProbability);
        int n = levels.count();
        double[] logLikelihood = new double[n];
        double top = levels.reward(n - 1);
        double[] weight = new double[n]; // (levels), relative to the largest
        for (int g = 0; g < n; g++) {
            weight[g] = top == Double.NEGATIVE_INFINITY ? 0 : Math.exp(levels.reward(g) - top);
        }
        double[] integral = integrate(levels, weight);
        for (int g = 0; g < n; g++) {
            logLikelihood[g] =
                    weight[g] == 0 ? Double.NEGATIVE_INFINITY : levels.reward(g) - top + Math.log(integral[g]);
        }
        return levels.toAtoms(logLikelihood);
    }

    @Override
    public String describe() {
        return "being chosen from a pool of " + Figures.of(k) + " draws from the prior, by Luce's rule on the reward";
    }

    /** ∫ t e^(−wt) φ(t)^(k−1) dy for each level; the factor w is the caller's. */
    private double[] integrate(RewardLevels levels, double[] weight) {
        int n = weight.length;
        double[] integral = new double[n];
        double[] decay = new double[n];
        double smallest = Arrays.stream(weight).filter(w -> w > 0).min().orElse(1);
        double from = LOG_NEGLIGIBLE - Math.log(k);
        int nodes = (int) Math.ceil((Math.log(-LOG_NEGLIGIBLE / smallest) - from) / STEP);
        for (int node = 0; node <= nodes; node++) {
            double y = from + node * STEP;
            double t = Math.exp(y);
            double phiMinusOne = 0;
            for (int g = 0; g < n; g++) {
                decay[g] = Math.exp(-weight[g] * t);
                phiMinusOne += levels.mass(g) * Math.expm1(-weight[g] * t);
            }
            double logPower = k == 1 ? 0 : (k - 1) * Math.log1p(Math.max(-1, phiMinusOne));
            double common = STEP * Math.exp(y + logPower);
            if (common == 0) {
                break; // the pool's other members have all decayed
            }
            for (int g = 0; g < n; g++) {
                integral[g] += common * decay[g];
            }
        }
        return integral;
    }
}
