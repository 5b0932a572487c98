package dev.credence.core.audit;

/**
 * Whether the recorded log-probabilities are those of the samplers: the records are drawn from q, so mean π0/q and mean
 * π/q over them are one but for sampling error. A temperature, a truncation or a missing end token in one of the two
 * breaks this.
 *
 * @param priorMean mean of π0/q over records of prior and policy, over prompts by weight
 * @param priorError its stratified standard error
 * @param policyMean mean of π/q
 * @param policyError its stratified standard error
 */
record Normalisation(double priorMean, double priorError, double policyMean, double policyError) {
    private static final double ROUNDING = 1e-9;

    static Normalisation of(Pool pool) {
        double[] total = new double[4];
        Own[] each = pool.members().parallelStream().map(Member::weightMeans).toArray(Own[]::new);
        for (int c = 0; c < pool.size(); c++) {
            double weight = pool.weight(c);
            total[0] += weight * each[c].priorMean;
            total[1] += weight * weight * each[c].priorVariance;
            total[2] += weight * each[c].policyMean;
            total[3] += weight * weight * each[c].policyVariance;
        }
        return new Normalisation(total[0], Math.sqrt(total[1]), total[2], Math.sqrt(total[3]));
    }

    /** One prompt's means over its records of prior and policy, and these means' variances. */
    record Own(double priorMean, double priorVariance, double policyMean, double policyVariance) {
        static Own of(Atoms atoms) {
            double[] s = means(atoms);
            return new Own(s[0], s[1], s[2], s[3]);
        }
    }

    /** Mean and variance of the mean of u, then of v, over one prompt's records of prior and policy. */
    private static double[] means(Atoms atoms) {
        UnitSums[] strata = {new UnitSums(), new UnitSums()};
        atoms.forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                if (block.stratum[i] <= RolloutLog.POLICY) {
                    strata[block.stratum[i]].add(
                            atoms.startsUnit(block.start + i),
                            block.u[i] * atoms.priorTotal(),
                            block.v[i] * atoms.policyTotal());
                }
            }
        });
        double n = atoms.records(RolloutLog.PRIOR) + atoms.records(RolloutLog.POLICY);
        double[] result = new double[4];
        for (UnitSums stratum : strata) {
            stratum.flush();
            result[0] += stratum.sum[0] / n;
            result[1] += stratum.variance(0) / (n * n);
            result[2] += stratum.sum[1] / n;
            result[3] += stratum.variance(1) / (n * n);
        }
        return result;
    }

    /** Standard errors that the worse of the two means is away from one. */
    double deviation() {
        return Math.max(deviation(priorMean, priorError), deviation(policyMean, policyError));
    }

    private static double deviation(double mean, double error) {
        double away = Math.abs(mean - 1);
        return away <= ROUNDING ? 0 : away / error;
    }

    /** Sums of one stratum, unit by unit. */
    private static final class UnitSums {
        private final double[] unit = new double[2];
        private final double[] sum = new double[2];
        private final double[] square = new double[2];
        private int units;
        private boolean open;

        void add(boolean starts, double u, double v) {
            if (starts) {
                flush();
            }
            open = true;
            unit[0] += u;
            unit[1] += v;
        }

        void flush() {
            if (!open) {
                return;
            }
            for (int k = 0; k < 2; k++) {
                sum[k] += unit[k];
                square[k] += unit[k] * unit[k];
                unit[k] = 0;
            }
            units++;
            open = false;
        }

        /** Variance of the stratum's total. */
        double variance(int k) {
            return units < 2 ? 0 : (double) units / (units - 1) * Math.max(0, square[k] - sum[k] * sum[k] / units);
        }
    }
}
