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
            double sum = 0;
            int at = next[0];
            for (int i = 0; i < block.count; i++) {
                double logRatio = conditional.at(block.start + i, block.reward[i]);
                double weight = block.u[i] * Math.exp(logRatio);
                sum += weight * weight;
                if (block.stratum[i] <= RolloutLog.POLICY) {
                    logWeights[at++] = Math.log(block.u[i]) + logRatio;
                }
            }
            square[0] += sum;
            next[0] = at;
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
