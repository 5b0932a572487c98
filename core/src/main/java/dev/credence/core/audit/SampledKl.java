package dev.credence.core.audit;

/**
 * The plain mean of the recorded log-ratio over policy records, over prompts by weight (estimator k1 of KL(π‖π0)).
 *
 * @param mean nats
 * @param error its stratified standard error, nats
 */
record SampledKl(double mean, double error) {
    static SampledKl of(Pool pool) {
        double mean = 0;
        double variance = 0;
        SampledKl[] each =
                pool.members().parallelStream().map(Member::sampledKl).toArray(SampledKl[]::new);
        for (int c = 0; c < pool.size(); c++) {
            mean += pool.weight(c) * each[c].mean;
            double error = pool.weight(c) * each[c].error;
            variance += error * error;
        }
        return new SampledKl(mean, Math.sqrt(variance));
    }

    /** One prompt's. */
    static SampledKl of(Atoms atoms) {
        double[] s = powers(atoms);
        double mean = s[1] / s[0];
        return new SampledKl(mean, Math.sqrt(Math.max(0, s[2] / s[0] - mean * mean) / (s[0] - 1)));
    }

    /** Number, sum and sum of squares of the log-ratios of one prompt's policy records. */
    private static double[] powers(Atoms atoms) {
        return atoms.sum(3, (block, sums) -> {
            for (int i = 0; i < block.count; i++) {
                if (block.stratum[i] == RolloutLog.POLICY) {
                    double logRatio = block.logPolicy[i] - block.logPrior[i];
                    sums[0]++;
                    sums[1] += logRatio;
                    sums[2] += logRatio * logRatio;
                }
            }
        });
    }
}
