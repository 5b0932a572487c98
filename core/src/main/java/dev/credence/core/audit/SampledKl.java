package dev.credence.core.audit;

import java.io.Serializable;

/**
 * The plain mean of the recorded log-ratio over policy records, over prompts by weight (estimator k1 of KL(π‖π0)).
 *
 * @param mean nats
 * @param error its stratified standard error, nats
 * @param ofVariance the variance of error², nats⁴; 0 of many records
 * @param third Σψ³ over units, which are the mean's influences ψ, nats³; 0 of many records
 * @param elsewhere of one prompt whose records, of all sources, have one log-ratio: the prior's mass of their different texts,
 *     0 where these are not known; NaN where log-ratios differ, and of several prompts
 * @serial exclude
 */
record SampledKl(double mean, double error, double ofVariance, double third, double elsewhere) implements Serializable {
    /** Nats, relative to a text's own size: log-ratios that differ by less differ by rounding. */
    private static final double ROUNDING = 1e-9;

    // Columns of a unit: how many draws n its policy records stand for, and the sum x of what is averaged.
    private static final int DRAWS = 0;
    private static final int VALUE = 1;
    private static final int COLUMNS = 2;

    // Sums over units.
    private static final int SUM_N = 0;
    private static final int SUM_X = 1;
    private static final int SUM_NN = 2;
    private static final int SUM_NX = 3;
    private static final int SUM_XX = 4;
    private static final int UNITS = 5;
    private static final int SUMS = 6;

    // Sums of powers of a unit's excess over the mean.
    private static final int SQUARES = 0;
    private static final int CUBES = 1;
    private static final int FOURTHS = 2;
    private static final int POWERS = 3;

    /** From so many records on the normal interval is as good. */
    private static final long MANY = 10_000;

    /** {@return by how much the mean may be too large at 95 %, nats: Student's, and what skewness adds} */
    double below() {
        return error * StudentT.skewed(quantile(), -acceleration());
    }

    /** {@return by how much it may be too small} */
    double above() {
        return error * StudentT.skewed(quantile(), acceleration());
    }

    private double quantile() {
        return StudentT.quantile(2 * error * error * error * error / ofVariance);
    }

    private double acceleration() {
        return error > 0 ? third / (6 * error * error * error) : 0;
    }

    /** A mean of independent ones by their weights. */
    static SampledKl over(PromptPool pool, SampledKl[] each) {
        double mean = 0;
        double variance = 0;
        double ofVariance = 0;
        double third = 0;
        for (int c = 0; c < pool.size(); c++) {
            double weight = pool.weight(c);
            mean += weight * each[c].mean;
            variance += weight * weight * each[c].error * each[c].error;
            ofVariance += weight * weight * weight * weight * each[c].ofVariance;
            third += weight * weight * weight * each[c].third;
        }
        return new SampledKl(mean, Math.sqrt(variance), ofVariance, third, Double.NaN);
    }

    static SampledKl of(PromptPool pool) {
        return over(pool, pool.all(c -> pool.members().get(c).sampledKl(), SampledKl[]::new));
    }

    /**
     * What the divergences of prompts have at least beside their estimate of 0, where all records of a prompt have one
     * log-ratio δ: their texts have the mass S under the prior and S e^δ under the policy, and the rest is elsewhere, so that
     * KL(π‖π0) is no smaller than that of these two cells (data processing). Means over prompts by weight, nats.
     */
    static Elsewhere elsewhere(PromptPool pool) {
        double least = 0;
        double below = 0;
        double above = 0;
        SampledKl[] each = pool.all(c -> pool.members().get(c).sampledKl(), SampledKl[]::new);
        for (int c = 0; c < pool.size(); c++) {
            SampledKl own = each[c];
            if (!Double.isNaN(own.elsewhere) && Math.abs(own.mean) > ROUNDING) {
                double weight = pool.weight(c);
                double moved = own.ofTwoCells();
                least += weight * moved;
                below += weight * Math.max(0, own.mean - moved);
                above += weight * Math.max(0, moved - own.mean);
            }
        }
        return new Elsewhere(least, below, above);
    }

    /** KL(π‖π0) of the recorded texts as one cell and all others as another. */
    private double ofTwoCells() {
        double policy = Math.min(1, elsewhere * Math.exp(mean));
        double rest = 1 - policy;
        double kl = policy * mean + (rest > 0 ? rest * Math.log(rest / (1 - elsewhere)) : 0);
        return kl < Double.POSITIVE_INFINITY
                ? Math.max(0, kl)
                : 0; // texts of mass 1 that have not all of the policy's: not these
    }

    /**
     * What records of one log-ratio a prompt leave to texts that none shows.
     *
     * @param least nats that KL(π‖π0) has at least more than its estimate
     * @param below nats by which the plain mean of the log-ratio may be too large
     * @param above nats by which it is too small at least
     */
    record Elsewhere(double least, double below, double above) {}

    /**
     * What one record of the policy that is as the prior's are would change, nats: records that are all alike show no spread,
     * and yet might have been otherwise. 0 where the prior's records are not there, or have no finite log-ratio.
     */
    static double oneRecord(PromptPool pool) {
        double square = 0;
        for (int c = 0; c < pool.size(); c++) {
            PromptAtoms member = pool.members().get(c);
            double apart = member.moments().klPolicyPrior() + member.moments().klPriorPolicy();
            double room = pool.weight(c) * apart / member.atoms().draws(RolloutLog.POLICY);
            square += room < Double.POSITIVE_INFINITY ? room * room : 0;
        }
        return Math.sqrt(square);
    }

    /** One prompt's; records that were drawn together are one unit of its error. */
    static SampledKl of(Atoms atoms) {
        SampledKl plain = of(atoms, (block, into) -> fill(atoms, block, into));
        return new SampledKl(plain.mean, plain.error, plain.ofVariance, plain.third, massOfOneRatio(atoms));
    }

    private static double massOfOneRatio(Atoms atoms) {
        Intervals.Limits ratios = atoms.limits((block, i) -> block.logPolicy[i] - block.logPrior[i]);
        double largest = atoms.limits((block, i) -> Math.abs(block.logPrior[i])).upper();
        boolean isOne = ratios.upper() - ratios.lower() <= ROUNDING * Math.max(1, largest);
        return isOne ? 1 - atoms.unrecordedMass() : Double.NaN;
    }

    /** One prompt's mean of another column of the policy's records. */
    static SampledKl of(Atoms atoms, Atoms.Columns column) {
        double[] s = atoms.sumUnits(SUMS, COLUMNS, () -> column, SampledKl::add);
        double n = s[SUM_N];
        double mean = s[SUM_X] / n;
        double square = Math.max(0, s[SUM_XX] - 2 * mean * s[SUM_NX] + mean * mean * s[SUM_NN])
                / (n * n); // Σ (unit's excess / n)²
        double units = s[UNITS];
        double variance = units / (units - 1) * square;
        if (!(variance > 0) || units < 2 || atoms.records(RolloutLog.POLICY) >= MANY) {
            return new SampledKl(mean, Math.sqrt(variance), 0, 0, Double.NaN);
        }
        double[] powers = atoms.sumUnits(POWERS, COLUMNS, () -> column, (of, into) -> addPowers(of, mean, into));
        double spread = StudentT.spreadOfVariance(units, powers[SQUARES], powers[FOURTHS]);
        return new SampledKl(
                mean, Math.sqrt(variance), variance * variance * spread, powers[CUBES] / (n * n * n), Double.NaN);
    }

    private static void addPowers(UnitColumns units, double mean, double[] sums) {
        for (int i = 0; i < units.count; i++) {
            double excess = units.columns[VALUE][i] - mean * units.columns[DRAWS][i];
            double square = excess * excess;
            sums[SQUARES] += square;
            sums[CUBES] += excess * square;
            sums[FOURTHS] += square * square;
        }
    }

    /** Columns: how many draws a record of the policy stands for, and as many times its log-ratio. */
    private static void fill(Atoms atoms, AtomBlock block, double[][] into) {
        for (int i = 0; i < block.count; i++) {
            double weight = block.stratum[i] == RolloutLog.POLICY ? 1 / atoms.kept(block.start + i) : 0;
            into[DRAWS][i] = weight;
            into[VALUE][i] = weight == 0 ? 0 : weight * (block.logPolicy[i] - block.logPrior[i]);
        }
    }

    private static void add(UnitColumns units, double[] sums) {
        for (int i = 0; i < units.count; i++) {
            double n = units.columns[DRAWS][i];
            double x = units.columns[VALUE][i];
            sums[SUM_N] += n;
            sums[SUM_X] += x;
            sums[SUM_NN] += n * n;
            sums[SUM_NX] += n * x;
            sums[SUM_XX] += x * x;
            sums[UNITS] += n > 0 ? 1 : 0;
        }
    }
}
