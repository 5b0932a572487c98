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
        double[][] each =
                pool.members().parallelStream().map(m -> powers(m.atoms())).toArray(double[][]::new);
        for (int c = 0; c < pool.size(); c++) {
            double[] s = each[c];
            double own = s[1] / s[0];
            mean += pool.weight(c) * own;
            double spread = Math.max(0, s[2] / s[0] - own * own) / (s[0] - 1);
            variance += pool.weight(c) * pool.weight(c) * spread;
        }
        return new SampledKl(mean, Math.sqrt(variance));
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
