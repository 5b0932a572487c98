package dev.credence.core.audit;

import dev.credence.core.posterior.TiltedFamily;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.hipparchus.special.Gamma;
import org.jspecify.annotations.Nullable;

/**
 * An upper bound of the explained KL that needs no weights (docs/theory.md#most-explained): the member of the family is the cheapest
 * distribution with the policy's mean reward R, so that any other with that mean costs no less. Where rewards have few levels the other is
 * a law q of the levels, and within each the prior, at Σ q log(q / p) nats; else of groups of rewards that lie close, each taken for its
 * least, or of few records the prior restricted to rewards of at least R, at −log P0(r ≥ R). In prompts whose prior draws reach no R the
 * policy itself is such a distribution. The prior's draws bound the p from below, all prompts' together: the least Σ over prompts within
 * the likelihood ratio at which a Poisson count of any size is a 97.5 % limit. With several prompts each may take its own R, for the
 * family is the cheapest way to the mean of all.
 */
final class MostExplained {
    private static final double TAIL = 0.025;
    private static final double NORMAL = 1.96;

    /** Of more levels, or of fewer records a level, a level's share says little: those that reach R are one group then. */
    private static final int MOST_LEVELS = 32;

    private static final int RECORDS_A_LEVEL = 4;

    /** The likelihood ratio (half the deviance) of the 97.5 % limit of a count of one, of which larger counts need less. */
    private static final double RATIO = ratio(solveLeastCount(1), 1);

    private static final int HALVINGS = 50;

    /** Whole counts below this are those of many prompts. */
    private static final int SMALL = 1000;

    private static final Map<Integer, Double> LEAST_COUNTS = new ConcurrentHashMap<>();

    private MostExplained() {}

    /** The bound, nats; ∞ where no prompt's prior draws show a reward as good as the policy's mean. */
    static double of(PromptPool pool) {
        for (PromptAtoms member : pool.members()) {
            Atoms atoms = member.atoms();
            if (!(atoms.strata() > 0 && atoms.records(RolloutLog.PRIOR) > 0 && atoms.records(RolloutLog.POLICY) > 0)) {
                return Double.POSITIVE_INFINITY;
            }
        }
        @Nullable
        Rewards[] prompts = pool.here(
                c -> Rewards.of(
                        pool.members().get(c).atoms(),
                        pool.weight(c),
                        pool.members().get(c).moments().prior().reward()),
                Rewards[]::new);
        Mean[] means = pool.all(c -> Objects.requireNonNull(prompts[c]).ofPolicy(), Mean[]::new);
        if (Arrays.stream(means).noneMatch(Mean::isReached)) {
            return Double.POSITIVE_INFINITY;
        }
        double share = shareOfErrors(means);
        List<Way> ways = Arrays.stream(pool.all(
                        c -> means[c].isReached
                                ? Objects.requireNonNull(prompts[c]).way(share)
                                : null,
                        Way[]::new))
                .filter(Objects::nonNull)
                .toList();
        List<PromptAtoms> beyond = new ArrayList<>(); // of which no prior draw has such a reward
        double weight = 0;
        for (int c = 0; c < means.length; c++) {
            if (!means[c].isReached) {
                beyond.add(pool.members().get(c));
                weight += pool.weight(c);
            }
        }
        double tau = loosest(ways);
        return ways.stream().mapToDouble(way -> way.cost(tau)).sum()
                + (beyond.isEmpty() ? 0 : weight * moved(pool.of(beyond)));
    }

    /** The policy itself is a distribution of its mean: what it costs in some prompts, at most. */
    private static double moved(PromptPool pool) {
        SampledKl plain = SampledKl.of(pool);
        double most = plain.mean() + Math.max(NORMAL * plain.error(), SampledKl.oneRecord(pool));
        return Double.isNaN(most) ? Double.POSITIVE_INFINITY : most; // a single draw has no error
    }

    /**
     * By which each prompt's error of R is taken, so that together they are 1.96 errors of the whole, and one record that the policy
     * could have shown besides: of few records none may be of a kind that is not rare.
     */
    private static double shareOfErrors(Mean[] prompts) {
        double sum = 0;
        double squares = 0;
        double reach = 0;
        for (Mean each : prompts) {
            if (!each.isReached) {
                continue;
            }
            double own = each.weight * each.error;
            sum += own;
            squares += own * own;
            reach = Math.max(reach, each.weight * each.reach);
        }
        return sum > 0 ? (NORMAL * Math.sqrt(squares) + reach) / sum : 0;
    }

    /** The multiplier at which the likelihood ratio of all counts together is {@link #RATIO}; less is further from the counts. */
    private static double loosest(List<Way> ways) {
        double least = ways.stream().mapToDouble(Way::leastTau).max().orElse(0);
        double low = Math.log(least);
        double high = low + 1;
        while (ratio(ways, Math.exp(high)) > RATIO) {
            high += 1;
        }
        for (int k = 0; k < 60; k++) {
            double middle = 0.5 * (low + high);
            if (ratio(ways, Math.exp(middle)) > RATIO) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(high);
    }

    private static double ratio(List<Way> ways, double tau) {
        return ways.stream().mapToDouble(way -> way.ratio(tau)).sum();
    }

    private static double ratio(double mean, double count) {
        return mean - count - count * Math.log(mean / count);
    }

    /** The mean of a Poisson count that reaches {@code count} with a probability of 2.5 %: P(count, mean) = .025. */
    static double leastCount(double count) {
        int whole = (int) count;
        return whole == count && whole < SMALL
                ? LEAST_COUNTS.computeIfAbsent(whole, any -> solveLeastCount(count))
                : solveLeastCount(count);
    }

    private static double solveLeastCount(double count) {
        double low = 0;
        double high = count;
        for (int k = 0; k < 60; k++) {
            double middle = 0.5 * (low + high);
            if (Gamma.regularizedGammaP(count, middle) < TAIL) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Another distribution with the policy's mean, of one prompt.
     *
     * @param weight of the prompt
     * @param law (groups) its shares
     * @param mass (groups) the prior's, estimated
     * @param count (groups) the prior's records, as many as are independent
     * @serial exclude
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Way(double weight, double[] law, double[] mass, double[] count) implements Serializable {
        /** Of a smaller multiplier a count's mean would be below 0. */
        double leastTau() {
            double least = Double.MIN_NORMAL;
            for (int j = 0; j < law.length; j++) {
                least = Math.max(least, weight * law[j] / count[j]);
            }
            return least;
        }

        /** The share of a count that its mean still is, where the cost is largest for its likelihood. */
        private double left(int j, double tau) {
            return 1 - weight * law[j] / (tau * count[j]);
        }

        double ratio(double tau) {
            double sum = 0;
            for (int j = 0; j < law.length; j++) {
                double left = left(j, tau);
                sum += left > 0 ? MostExplained.ratio(left * count[j], count[j]) : Double.POSITIVE_INFINITY;
            }
            return sum;
        }

        double cost(double tau) {
            double sum = 0;
            for (int j = 0; j < law.length; j++) {
                sum += law[j] > 0 ? law[j] * Math.log(law[j] / (mass[j] * left(j, tau))) : 0;
            }
            return weight * sum;
        }
    }

    /**
     * The mean of one prompt's policy.
     *
     * @param weight of the prompt
     * @param isReached whether a reward of the prior's records is as good
     * @param error its standard error
     * @param reach what one record that the policy has not shown could add to it
     * @serial exclude
     */
    private record Mean(double weight, boolean isReached, double error, double reach) implements Serializable {}

    /**
     * One prompt's rewards, turned so that the policy's mean is not below the prior's.
     *
     * @param atoms the prompt's
     * @param weight of the prompt
     * @param sign by which its rewards are turned
     * @param level (groups) rewards that the prior's records show
     * @param mass (groups) of the prior
     * @param count (groups) records, as many as are independent
     * @param mean of the policy
     * @param error its standard error
     * @param reach what one record that the policy has not shown could add to the mean
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Rewards(
            Atoms atoms,
            double weight,
            int sign,
            double[] level,
            double[] mass,
            double[] count,
            double mean,
            double error,
            double reach) {
        static Rewards of(Atoms atoms, double weight, double priorMean) {
            double mean = PolicyMean.of(atoms);
            int sign = mean >= priorMean ? 1 : -1;
            LevelIndex index = atoms.levels();
            Shares shares = index == null ? each(atoms, sign, mean) : byLevel(atoms, index, sign);
            PolicyMean own = PolicyMean.of(atoms, sign);
            return new Rewards(
                    atoms,
                    weight,
                    sign,
                    shares.level,
                    shares.mass,
                    shares.count,
                    sign * mean,
                    own.error(),
                    own.reach());
        }

        Mean ofPolicy() {
            return new Mean(weight, mean <= most(), error, reach);
        }

        /** The largest reward of the prior's records; −∞ where none reaches the mean. */
        double most() {
            return Arrays.stream(level).max().orElse(Double.NEGATIVE_INFINITY);
        }

        /** The other distribution, where a reward reaches the mean; {@code errors} of which are allowed for. */
        Way way(double errors) {
            double wanted = Math.min(most(), mean + errors * error);
            boolean isCounted =
                    level.length <= MOST_LEVELS && Arrays.stream(count).sum() >= RECORDS_A_LEVEL * level.length;
            Shares groups = isCounted ? new Shares(level, mass, count) : byEdge();
            if (!(Arrays.stream(groups.level).max().orElse(Double.NEGATIVE_INFINITY) >= wanted)) {
                return restricted(wanted);
            }
            double[] logMass = new double[groups.mass.length];
            for (int j = 0; j < logMass.length; j++) {
                logMass[j] = Math.log(groups.mass[j]);
            }
            TiltedFamily family = TiltedFamily.ofLog(logMass, groups.level);
            double lambda = family.at(0).mean() < wanted ? family.lambdaAtMean(wanted) : 0; // the prior's own reach it
            double[] law = family.logPosterior(lambda);
            for (int j = 0; j < law.length; j++) {
                law[j] = Math.exp(law[j]);
            }
            return new Way(weight, law, groups.mass, groups.count);
        }

        /**
         * Groups of rewards that lie close, each as good as its least: a distribution that has the policy's mean by them has it by
         * their rewards. Where they begin the policy's records say, of which the prior's counts know nothing.
         */
        private Shares byEdge() {
            double[] edge = edges();
            int groups = edge.length;
            Clusters clusters = new Clusters(groups);
            double[] least = {Double.POSITIVE_INFINITY};
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    clusters.next(atoms.startsUnit(block.start + i));
                    if (block.stratum[i] == RolloutLog.PRIOR) {
                        double own = sign * block.reward[i];
                        int at = Arrays.binarySearch(edge, own);
                        clusters.add(at >= 0 ? at : -at - 2, 1 / atoms.kept(block.start + i));
                        least[0] = Math.min(least[0], own);
                    }
                }
            });
            edge[0] = least[0];
            int[] seen =
                    IntStream.range(0, groups).filter(j -> clusters.mass[j] > 0).toArray();
            double draws = atoms.draws(RolloutLog.PRIOR);
            return new Shares(
                    Arrays.stream(seen).mapToDouble(j -> edge[j]).toArray(),
                    Arrays.stream(seen)
                            .mapToDouble(j -> clusters.mass[j] / draws)
                            .toArray(),
                    Arrays.stream(seen).mapToDouble(clusters::count).toArray());
        }

        /** Where groups begin, each but the first at a reward of the policy's, as many of them as the prior's records bear. */
        private double[] edges() {
            DoubleStream.Builder rewards = DoubleStream.builder();
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.POLICY) {
                        rewards.add(sign * block.reward[i]);
                    }
                }
            });
            double[] reached = rewards.build().sorted().toArray();
            int groups = Math.min(MOST_LEVELS, atoms.records(RolloutLog.PRIOR) / RECORDS_A_LEVEL);
            return DoubleStream.concat(
                            DoubleStream.of(Double.NEGATIVE_INFINITY),
                            IntStream.range(1, groups)
                                    .mapToDouble(j -> reached[(int) ((long) j * reached.length / groups)])
                                    .distinct())
                    .toArray();
        }

        /** The prior where rewards reach the mean, or further on, so that those that do have the wanted mean. */
        private Way restricted(double wanted) {
            double from = mean;
            double to = most();
            if (meanFrom(from) >= wanted) {
                to = from;
            }
            for (int k = 0; k < HALVINGS && from < to; k++) {
                double middle = 0.5 * (from + to);
                if (meanFrom(middle) >= wanted) {
                    to = middle;
                } else {
                    from = middle;
                }
            }
            double least = to;
            Clusters reached = new Clusters(1);
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    reached.next(atoms.startsUnit(block.start + i));
                    if (block.stratum[i] == RolloutLog.PRIOR && sign * block.reward[i] >= least) {
                        reached.add(0, 1 / atoms.kept(block.start + i));
                    }
                }
            });
            double share = reached.mass[0] / atoms.draws(RolloutLog.PRIOR);
            return new Way(weight, new double[] {1}, new double[] {share}, new double[] {reached.count(0)});
        }

        /** The mean of the prior's rewards that are no less than {@code least}. */
        private double meanFrom(double least) {
            double sum = 0;
            double reached = 0;
            for (int j = 0; j < level.length; j++) {
                if (level[j] >= least) {
                    sum += mass[j] * level[j];
                    reached += mass[j];
                }
            }
            return sum / reached;
        }

        /** The prior's shares by level, those that its records show. */
        private static Shares byLevel(Atoms atoms, LevelIndex index, int sign) {
            Clusters clusters = new Clusters(index.reward().length);
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    clusters.next(atoms.startsUnit(block.start + i));
                    if (block.stratum[i] == RolloutLog.PRIOR) {
                        clusters.add(block.level[i], 1 / atoms.kept(block.start + i));
                    }
                }
            });
            int[] seen = IntStream.range(0, index.reward().length)
                    .filter(j -> clusters.mass[j] > 0)
                    .toArray();
            double draws = atoms.draws(RolloutLog.PRIOR);
            return new Shares(
                    Arrays.stream(seen)
                            .mapToDouble(j -> sign * index.reward()[j])
                            .toArray(),
                    Arrays.stream(seen)
                            .mapToDouble(j -> clusters.mass[j] / draws)
                            .toArray(),
                    Arrays.stream(seen).mapToDouble(clusters::count).toArray());
        }

        /** Each record of the prior that reaches the mean. */
        private static Shares each(Atoms atoms, int sign, double mean) {
            DoubleStream.Builder level = DoubleStream.builder();
            DoubleStream.Builder mass = DoubleStream.builder();
            double draws = atoms.draws(RolloutLog.PRIOR);
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.PRIOR && sign * block.reward[i] >= sign * mean) {
                        level.add(sign * block.reward[i]);
                        mass.add(1 / atoms.kept(block.start + i) / draws);
                    }
                }
            });
            double[] shares = mass.build().toArray();
            return new Shares(
                    level.build().toArray(), shares, new double[shares.length]); // too many levels to be counted
        }
    }

    /**
     * The prior's shares.
     *
     * @param level (groups)
     * @param mass (groups)
     * @param count (groups)
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Shares(double[] level, double[] mass, double[] count) {}

    /**
     * Masses of groups of records that come in units. Units of masses m are worth (Σm)² / Σm² that are all alike (Kish's
     * effective number), by which the variance of their sum is a Poisson count's.
     */
    static final class Clusters {
        final double[] mass;
        private final double[] squares;
        private final double[] open; // of the unit that was last added to
        private final int[] last; // which unit that is
        private int unit;

        Clusters(int groups) {
            mass = new double[groups];
            squares = new double[groups];
            open = new double[groups];
            last = new int[groups];
        }

        /** Goes on to the next record. */
        void next(boolean startsUnit) {
            unit += startsUnit ? 1 : 0;
        }

        void add(int group, double weight) {
            if (last[group] != unit) {
                squares[group] += open[group] * open[group];
                open[group] = 0;
                last[group] = unit;
            }
            open[group] += weight;
            mass[group] += weight;
        }

        double count(int group) {
            return mass[group] * mass[group] / (squares[group] + open[group] * open[group]);
        }
    }
}
