package dev.credence.core.audit;

import dev.credence.core.diagnostics.ParetoTail;

/**
 * How well one prompt's records carry a conditional: effective sample size of its weights and the Pareto shape of their
 * tail.
 *
 * @param ess 1/Σ w̄²
 * @param khat Pareto k̂ of u e^{λr} over the records of prior and policy; NaN where too few
 * @param records how many those are
 */
record Overlap(double ess, double khat, int records) {

    static Overlap of(Atoms atoms, Target.LogWeight conditional) {
        int drawn = atoms.records(RolloutLog.PRIOR) + atoms.records(RolloutLog.POLICY);
        double[] logWeights = new double[drawn];
        double[] square = new double[1];
        int[] next = new int[1];
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                double logWeight = Math.log(block.u[i]) + conditional.at(block.start + i, block.reward[i]);
                double weight = Math.exp(logWeight);
                square[0] += weight * weight;
                if (block.stratum[i] <= RolloutLog.POLICY) {
                    logWeights[next[0]++] = logWeight;
                }
            }
        });
        double khat = drawn < ParetoTail.MINIMAL_SIZE
                ? Double.NaN
                : ParetoTail.of(logWeights, 0, drawn).shape();
        return new Overlap(1 / square[0], khat, drawn);
    }

    /** The k̂ above which a sample of this size is not to be trusted; NaN-safe. */
    double threshold() {
        return ParetoTail.threshold(records);
    }

    boolean reliable() {
        return Double.isNaN(khat) || khat < threshold();
    }
}
