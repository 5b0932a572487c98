package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A lower bound of the departure that needs no Z ({@code kl.departure.least}, docs/theory.md#least-departure): with f = ℓ − λr,
 * KL(π‖π*_λ) = E_π f + log Z(λ), and Z(λ) = E_π0 e^{λr} ≥ E_π e^{−f}, for the policy's own texts are among the prior's. So
 * the least over λ of the prompts' mean E_π f + log E_π e^{−f} is below the departure from every member of the family. The
 * records of the policy alone give it, and give it low (the logarithm of a mean over records lies below that of the mean).
 *
 * @param estimate nats
 * @param error its standard error, nats; 0 for exact tables, NaN where a prompt has a single unit
 * @serial exclude
 */
record LeastDeparture(double estimate, double error) implements Serializable {
    /** The finding's id. */
    static final String ID = "kl.departure.least";

    private static final String QUESTION = "How much of the move is departure at least, whatever Z is?";
    private static final int MOST_STEPS = 200;

    // Columns of a unit: its policy records' influence, and whether it has any; the sums of x and x² over units, and of
    // units.
    private static final int INFLUENCE = 0;
    private static final int COUNTS = 1;
    private static final int SUM_X = 0;
    private static final int SUM_XX = 1;
    private static final int UNITS = 2;

    // What is summed over the policy's records.
    private static final int RATIOS = 0;
    private static final int REWARDS = 1;
    private static final double TOLERANCE = 1e-12;
    private static final double ROUNDING = 1e-14; // of the terms that cancel in a bound

    /** The bound of a pool that has records of the policy for every prompt: every record counts in full. */
    static LeastDeparture of(PromptPool pool) {
        return of(pool, atoms -> null);
    }

    /** The same, with the records of a level held to its mean. */
    private static LeastDeparture ofLevels(PromptPool pool) {
        return of(pool, Caps::ofLevels);
    }

    /**
     * The same, low enough for what a few records cannot show: a family that the policy hardly writes is in its records only
     * by luck, and then with an e^{−ℓ} that makes up for all the times that it is not.
     */
    private static LeastDeparture carefully(PromptPool pool) {
        return of(pool, Caps::careful);
    }

    private static LeastDeparture of(PromptPool pool, Function<Atoms, @Nullable Caps> caps) {
        @Nullable
        Cells[] cells = pool.here(
                c -> {
                    Atoms atoms = pool.members().get(c).atoms();
                    return Cells.of(atoms, atoms.strata() == 0 ? null : caps.apply(atoms));
                },
                Cells[]::new);
        double lambda = minimiser(pool, cells);
        if (Double.isNaN(lambda)) {
            return new LeastDeparture(0, 0); // a value off the minimum bounds nothing
        }
        double[] sums = new double[2]; // of the values, and of their squared errors
        pool.each(c -> term(pool, c, Objects.requireNonNull(cells[c]).at(lambda), lambda), (c, term) -> {
            sums[0] += term.estimate;
            sums[1] += term.error * term.error;
        });
        return new LeastDeparture(Math.max(0, sums[0]), Math.sqrt(sums[1]));
    }

    /**
     * The derivatives of one prompt's value.
     *
     * @param slope the first
     * @param curvature the second
     * @serial exclude
     */
    private record Bend(double slope, double curvature) implements Serializable {
        static Bend of(Own own) {
            return new Bend(own.slope, own.curvature);
        }
    }

    /** What one prompt adds. */
    private static LeastDeparture term(PromptPool pool, int member, Own own, double lambda) {
        double weight = pool.weight(member);
        return new LeastDeparture(
                weight * (own.value - ROUNDING * (1 + Math.abs(own.mean) + Math.abs(own.logMean))),
                weight * error(pool.members().get(member).atoms(), own, lambda));
    }

    /**
     * Newton's method on the convex mean over prompts, within a bracket that widens as long as it must. NaN where it does
     * not settle.
     */
    private static double minimiser(PromptPool pool, @Nullable Cells[] cells) {
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.POSITIVE_INFINITY;
        double lambda = 0;
        double unit = 1
                / Math.max(
                        Double.MIN_NORMAL,
                        pool.mean(m -> m.moments().maxReward() - m.moments().minReward()));
        for (int step = 0; step < MOST_STEPS; step++) {
            double at = lambda;
            double[] sums = new double[2]; // of slopes and curvatures
            pool.each(c -> Bend.of(Objects.requireNonNull(cells[c]).at(at)), (c, own) -> {
                sums[0] += pool.weight(c) * own.slope;
                sums[1] += pool.weight(c) * own.curvature;
            });
            double slope = sums[0];
            double curvature = sums[1];
            if (slope == 0 || Math.abs(slope) <= TOLERANCE * Math.sqrt(curvature)) {
                return lambda;
            }
            if (slope > 0) {
                high = lambda;
            } else {
                low = lambda;
            }
            double next = next(lambda, slope / curvature, low, high, unit);
            if (next == lambda) {
                return lambda; // the bracket is as narrow as numbers are
            }
            lambda = next;
        }
        return Double.NaN;
    }

    private static double next(double lambda, double newton, double low, double high, double unit) {
        double most = 2 * Math.max(unit, Math.abs(lambda));
        double next = lambda - Math.max(-most, Math.min(most, newton));
        if (next > low && next < high) {
            return next;
        }
        if (Double.isInfinite(low) || Double.isInfinite(high)) {
            return lambda + (Double.isInfinite(high) ? most : -most);
        }
        return 0.5 * (low + high);
    }

    /** Stratified standard error of one prompt's value at a fixed λ, whose own influence vanishes at the least. */
    private static double error(Atoms atoms, Own own, double lambda) {
        if (atoms.strata() == 0) {
            return 0;
        }
        double[] s = atoms.sumUnits(
                UNITS + 1, COUNTS + 1, () -> (block, into) -> fill(atoms, own, lambda, block, into), (units, sums) -> {
                    for (int i = 0; i < units.count; i++) {
                        double x = units.columns[INFLUENCE][i];
                        sums[SUM_X] += x;
                        sums[SUM_XX] += x * x;
                        sums[UNITS] += units.columns[COUNTS][i] > 0 ? 1 : 0;
                    }
                });
        double n = s[UNITS] * atoms.draws(RolloutLog.POLICY) / atoms.records(RolloutLog.POLICY);
        return n < 2 ? Double.NaN : Math.sqrt(UnitColumns.varianceOfTotal(n, s[SUM_X], s[SUM_XX]));
    }

    private static void fill(Atoms atoms, Own own, double lambda, AtomBlock block, double[][] into) {
        for (int i = 0; i < block.count; i++) {
            boolean counts = block.stratum[i] == RolloutLog.POLICY;
            into[COUNTS][i] = counts ? 1 : 0;
            if (counts) {
                double ratio = block.logPolicy[i] - block.logPrior[i];
                double f = ratio - lambda * block.reward[i];
                double capped = own.inverse(block, i, ratio) + lambda * block.reward[i];
                double mass = 1 / atoms.kept(block.start + i) / own.total;
                into[INFLUENCE][i] = mass * (f - own.mean + Math.expm1(capped - own.logMean));
            } else {
                into[INFLUENCE][i] = 0;
            }
        }
    }

    /**
     * One prompt at one λ.
     *
     * @param value E f + log E e^{−f}, nats
     * @param slope its derivative in λ
     * @param curvature its second derivative
     * @param mean E f
     * @param logMean log E e^{−f}
     * @param total how many draws of the policy its records stand for
     * @param caps of −ℓ, or null where there are none
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Own(
            double value,
            double slope,
            double curvature,
            double mean,
            double logMean,
            double total,
            @Nullable Caps caps) {
        /** −ℓ as far as it counts. */
        double inverse(AtomBlock block, int i, double ratio) {
            return caps == null ? -ratio : caps.inverse(block, i, ratio);
        }
    }

    /**
     * How far the e^{−ℓ} of the policy's records count, by groups of records of equal or near reward: no further than √n times
     * a mean of the group (truncated importance sampling, Ionides 2008), which keeps the bound a bound and one record in a
     * thousand from carrying it.
     *
     * @param groupOf (atoms) or null where groups are the levels of the reward
     * @param most (groups) of −ℓ
     * @param scale (groups) what is added to it, for groups of few records; 0 or less
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Caps(int @Nullable [] groupOf, double[] most, double[] scale) {
        /** A group of fewer records counts for so many as are certain (a Poisson count's 95 % limit). */
        private static final int FEW = 10;

        double inverse(AtomBlock block, int i, double ratio) {
            int group = groupOf == null ? block.level[i] : groupOf[block.start + i];
            return Math.min(-ratio, most[group]) + scale[group];
        }

        /** By the mean of a level, or none where rewards have no levels. */
        static @Nullable Caps ofLevels(Atoms atoms) {
            LevelIndex index = atoms.levels();
            return index == null ? null : of(atoms, null, index.reward().length, false);
        }

        /** By the mean of the others, in levels or where there are none in neighbours by reward; and few count for fewer. */
        static Caps careful(Atoms atoms) {
            LevelIndex index = atoms.levels();
            if (index != null) {
                return of(atoms, null, index.reward().length, true);
            }
            double[] sorted = new double[atoms.records(RolloutLog.POLICY)];
            int[] count = {0};
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.POLICY) {
                        sorted[count[0]++] = block.reward[i];
                    }
                }
            });
            Arrays.sort(sorted);
            int together = Math.max(FEW, (int) Math.sqrt(sorted.length));
            int[] groupOf = new int[atoms.size()];
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.POLICY) {
                        groupOf[block.start + i] = below(sorted, block.reward[i]) / together;
                    }
                }
            });
            return of(atoms, groupOf, sorted.length / together + 1, true);
        }

        /** How many rewards are smaller: equal ones are in one group, whatever the order of the records. */
        private static int below(double[] sorted, double reward) {
            int from = 0;
            int to = sorted.length;
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (sorted[middle] < reward) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return from;
        }

        private static Caps of(Atoms atoms, int @Nullable [] groupOf, int groups, boolean careful) {
            double[] largest = new double[groups];
            Arrays.fill(largest, Double.NEGATIVE_INFINITY);
            double[] ofLargest = new double[groups]; // its draws
            double[] mass = new double[groups];
            double[] scaled = new double[groups]; // Σ draws e^{−ℓ − largest}
            int[] records = new int[groups];
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] != RolloutLog.POLICY) {
                        continue;
                    }
                    int group = groupOf == null ? block.level[i] : groupOf[block.start + i];
                    double weight = 1 / atoms.kept(block.start + i);
                    double inverse = block.logPrior[i] - block.logPolicy[i];
                    mass[group] += weight;
                    records[group]++;
                    if (inverse > largest[group]) {
                        scaled[group] *= Math.exp(largest[group] - inverse);
                        largest[group] = inverse;
                        ofLargest[group] = weight;
                    }
                    scaled[group] += weight * Math.exp(inverse - largest[group]);
                }
            });
            double[] scale = new double[groups];
            for (int g = 0; g < groups; g++) {
                boolean others = careful && records[g] > 1;
                double mean =
                        others ? Math.max(0, scaled[g] - ofLargest[g]) / (mass[g] - ofLargest[g]) : scaled[g] / mass[g];
                largest[g] = Math.min(largest[g], largest[g] + Math.log(mean) + 0.5 * Math.log(records[g]));
                scale[g] = careful && records[g] > 0 && records[g] < FEW
                        ? Math.log(MostExplained.leastCount(records[g]) / records[g])
                        : 0;
            }
            return new Caps(groupOf, largest, scale);
        }
    }

    /**
     * The policy's records of one prompt, those of equal reward put together.
     *
     * @param reward (cells), measured from the policy's mean
     * @param mass (cells) of the policy's records, sums to one
     * @param logRatio mean of ℓ over all
     * @param logInverse (cells) log of the mass times the mean of e^{−ℓ}
     * @param meanReward of the policy
     * @param total draws that the records stand for
     * @param caps how far e^{−ℓ} counts, or null for all of it
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Cells(
            double[] reward,
            double[] mass,
            double logRatio,
            double[] logInverse,
            double meanReward,
            double total,
            @Nullable Caps caps) {
        static Cells of(Atoms atoms, @Nullable Caps caps) {
            LevelIndex index = atoms.levels();
            int size = index == null ? atoms.size() : index.reward().length;
            double[] mass = new double[size];
            double[] sums = new double[REWARDS + 1];
            double[] reward = new double[size];
            double[] largest = new double[size];
            Arrays.fill(largest, Double.NEGATIVE_INFINITY);
            double[] scaled = new double[size]; // Σ mass e^{−ℓ − largest}
            boolean exact = atoms.strata() == 0;
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    double weight = exact
                            ? block.v[i]
                            : block.stratum[i] == RolloutLog.POLICY ? 1 / atoms.kept(block.start + i) : 0;
                    if (!(weight > 0)) {
                        continue;
                    }
                    int cell = index == null ? block.start + i : block.level[i];
                    double ratio = block.logPolicy[i] - block.logPrior[i];
                    double inverse = caps == null ? -ratio : caps.inverse(block, i, ratio);
                    sums[RATIOS] += weight * ratio;
                    sums[REWARDS] += weight * block.reward[i];
                    reward[cell] = block.reward[i];
                    mass[cell] += weight;
                    if (inverse > largest[cell]) {
                        scaled[cell] *= Math.exp(largest[cell] - inverse);
                        largest[cell] = inverse;
                    }
                    scaled[cell] += weight * Math.exp(inverse - largest[cell]);
                }
            });
            return of(reward, mass, scaled, largest, sums, caps);
        }

        private static Cells of(
                double[] reward, double[] mass, double[] scaled, double[] largest, double[] sums, @Nullable Caps caps) {
            int[] used = new int[mass.length]; // cells with a mass, then places without a meaning
            int count = 0;
            for (int k = 0; k < mass.length; k++) {
                used[count] = k;
                count += mass[k] > 0 ? 1 : 0;
            }
            double[] masses = new double[count];
            for (int k = 0; k < count; k++) {
                masses[k] = mass[used[k]];
            }
            double total = DoubleStream.of(masses).sum();
            double mean = sums[REWARDS] / total;
            double[] rewards = new double[count];
            double[] logInverse = new double[count];
            for (int k = 0; k < count; k++) {
                masses[k] /= total;
                rewards[k] = reward[used[k]] - mean;
                logInverse[k] = Math.log(scaled[used[k]] / total) + largest[used[k]];
            }
            return new Cells(rewards, masses, sums[RATIOS] / total, logInverse, mean, total, caps);
        }

        Own at(double lambda) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < reward.length; k++) {
                largest = Math.max(largest, logInverse[k] + lambda * reward[k]);
            }
            double one = 0;
            double first = 0;
            double[] w = new double[reward.length];
            for (int k = 0; k < reward.length; k++) {
                w[k] = Math.exp(logInverse[k] + lambda * reward[k] - largest);
                one += w[k];
                first += w[k] * reward[k];
            }
            double tilted = first / one;
            double second = 0; // about the mean: no digits are lost where one reward has nearly all
            for (int k = 0; k < reward.length; k++) {
                second += w[k] * (reward[k] - tilted) * (reward[k] - tilted);
            }
            double logMean = Math.log(one) + largest; // with rewards from the mean: λ·mean cancels against E f
            return new Own(
                    logRatio + logMean,
                    tilted,
                    second / one,
                    logRatio - lambda * meanReward,
                    logMean + lambda * meanReward,
                    total,
                    caps);
        }
    }

    /** The finding. */
    static Finding finding(PromptPool pool, Sources sources) {
        if (sources == Sources.PRIOR_ONLY) {
            return new Finding(ID, QUESTION, Double.NaN, Double.NaN, Double.NaN, Grade.ESTIMATED, "nats", null, null);
        }
        LeastDeparture least = of(pool);
        if (sources == Sources.EXACT) {
            double estimate = least.estimate;
            return new Finding(ID, QUESTION, estimate, estimate, estimate, Grade.EXACT, "nats", null, null);
        }
        Intervals.Limits capped = ofLevels(pool).ends();
        Intervals.Limits ends = new Intervals.Limits(
                        capped.lower(), Math.max(capped.upper(), least.ends().upper()))
                .holding(least.estimate);
        // No bound is below nought, so there is nothing to be careful about.
        double lower = ends.lower() <= 0
                ? ends.lower()
                : Math.min(ends.lower(), carefully(pool).ends().lower());
        return new Finding(
                ID, QUESTION, lower, least.estimate, ends.upper(), Grade.ESTIMATED, "nats", "influence", null);
    }

    private Intervals.Limits ends() {
        return Intervals.of(Figure.Scale.CUBE_ROOT, estimate, Intervals.Z * error);
    }
}
