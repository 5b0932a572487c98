package dev.credence.core.audit;

/**
 * The plain mean of the recorded log-ratio over policy records, over prompts by weight (estimator k1 of KL(π‖π0)).
 *
 * @param mean nats
 * @param error its stratified standard error, nats
 */
record SampledKl(double mean, double error) {
    static SampledKl of(PromptPool pool) {
        double mean = 0;
        double variance = 0;
        SampledKl[] each =
                pool.members().parallelStream().map(PromptAtoms::sampledKl).toArray(SampledKl[]::new);
        for (int c = 0; c < pool.size(); c++) {
            mean += pool.weight(c) * each[c].mean;
            double error = pool.weight(c) * each[c].error;
            variance += error * error;
        }
        return new SampledKl(mean, Math.sqrt(variance));
    }

    /** One prompt's; records that were drawn together are one unit of its error. */
    static SampledKl of(Atoms atoms) {
        return of(atoms, (block, into) -> fill(atoms, block, into));
    }

    /** One prompt's mean of another column of the policy's records. */
    static SampledKl of(Atoms atoms, Atoms.Columns column) {
        double[] s = atoms.sumUnits(6, 2, () -> column, SampledKl::add);
        double n = s[0];
        double mean = s[1] / n;
        double square = Math.max(0, s[4] - 2 * mean * s[3] + mean * mean * s[2]) / (n * n); // Σ (unit's excess / n)²
        return new SampledKl(mean, Math.sqrt(s[5] / (s[5] - 1) * square));
    }

    /** Columns: how many draws a record of the policy stands for, and as many times its log-ratio. */
    private static void fill(Atoms atoms, AtomBlock block, double[][] into) {
        for (int i = 0; i < block.count; i++) {
            double weight = block.stratum[i] == RolloutLog.POLICY ? 1 / atoms.kept(block.start + i) : 0;
            into[0][i] = weight;
            into[1][i] = weight == 0 ? 0 : weight * (block.logPolicy[i] - block.logPrior[i]);
        }
    }

    /** Sums over units of n draws and log-ratios x: n, x, n², nx, x², and the number of units. */
    private static void add(UnitColumns units, double[] sums) {
        for (int i = 0; i < units.count; i++) {
            double n = units.columns[0][i];
            double x = units.columns[1][i];
            sums[0] += n;
            sums[1] += x;
            sums[2] += n * n;
            sums[3] += n * x;
            sums[4] += x * x;
            sums[5] += n > 0 ? 1 : 0;
        }
    }
}
