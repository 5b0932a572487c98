package dev.credence.core.audit;

import dev.credence.core.posterior.TiltedFamily;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.hipparchus.special.Gamma;

/**
 * An upper bound of the explained KL that needs no weights (docs/theory.md#most-explained): the member of the family is the cheapest
 * distribution with the policy's mean reward R, so that any other with that mean costs no less. Where rewards have few levels the other is
 * a law q of the levels, and within each the prior, at Σ q log(q / p) nats; else it is the prior restricted to rewards of at least R, at
 * −log P0(r ≥ R). The prior's draws bound the p from below, all prompts' together: the least Σ over prompts within the likelihood ratio at
 * which a Poisson count of any size is a 97.5 % limit. With several prompts each may take its own R, for the family is the cheapest way
 * to the mean of all.
 */
final class MostExplained {
    private static final double TAIL = 0.025;
    private static final double NORMAL = 1.96;

    /** Of more levels, or of fewer records a level, a level's share says little: those that reach R are one group then. */
    private static final int MOST_LEVELS = 32;

    private static final int RECORDS_A_LEVEL = 4;

    /** The likelihood ratio (half the deviance) of the 97.5 % limit of a count of one, of which larger counts need less. */
    private static final double RATIO = ratio(solveLeastCount(1), 1);

    // What is summed over the policy's records: draws, their rewards, and units.
    private static final int DRAWS = 0;
    private static final int REWARDS = 1;
    private static final int UNITS = 2;

    /** Whole counts below this are those of many prompts. */
    private static final int SMALL = 1000;

    private static final Map<Integer, Double> LEAST_COUNTS = new ConcurrentHashMap<>();

    private MostExplained() {}

    /** The bound, nats; ∞ where a prompt's prior draws show no reward as good as the policy's mean. */
    static double of(PromptPool pool) {
        List<Rewards> prompts = new ArrayList<>();
        for (PromptAtoms member : pool.members()) {
            Atoms atoms = member.atoms();
            if (!(atoms.strata() > 0 && atoms.records(RolloutLog.PRIOR) > 0 && atoms.records(RolloutLog.POLICY) > 0)) {
                return Double.POSITIVE_INFINITY;
            }
            Rewards own = Rewards.of(atoms, member.moments().prior().reward());
            if (!(own.mean <= own.most())) {
                return Double.POSITIVE_INFINITY;
            }
            prompts.add(own);
        }
        double share = NORMAL * shareOfErrors(pool, prompts);
        List<Way> ways = new ArrayList<>();
        for (int c = 0; c < prompts.size(); c++) {
            ways.add(prompts.get(c).way(share, pool.weight(c)));
        }
        double tau = loosest(ways);
        return ways.stream().mapToDouble(way -> way.cost(tau)).sum();
    }

    /** By which each prompt's error of R is taken, so that together they are one error of the whole: the root of squares over the sum. */
    private static double shareOfErrors(PromptPool pool, List<Rewards> prompts) {
        double sum = 0;
        double squares = 0;
        for (int c = 0; c < prompts.size(); c++) {
            double own = pool.weight(c) * prompts.get(c).error;
            sum += own;
            squares += own * own;
        }
        return sum > 0 ? Math.sqrt(squares) / sum : 0;
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
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Way(double weight, double[] law, double[] mass, double[] count) {
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
     * One prompt's rewards, turned so that the policy's mean is not below the prior's.
     *
     * @param level (groups) rewards that the prior's records show
     * @param mass (groups) of the prior
     * @param count (groups) records
     * @param mean of the policy
     * @param error its standard error
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Rewards(double[] level, double[] mass, double[] count, double mean, double error) {
        static Rewards of(Atoms atoms, double priorMean) {
            double[] policy = atoms.sum(UNITS + 1, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.POLICY) {
                        double draws = 1 / atoms.kept(block.start + i);
                        into[DRAWS] += draws;
                        into[REWARDS] += draws * block.reward[i];
                        into[UNITS] += atoms.startsUnit(block.start + i) ? 1 : 0;
                    }
                }
            });
            double mean = policy[REWARDS] / policy[DRAWS];
            double[] squares = atoms.sum(1, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.POLICY) {
                        double from = (block.reward[i] - mean) / atoms.kept(block.start + i);
                        into[0] += from * from;
                    }
                }
            });
            double a =
                    atoms.records(RolloutLog.POLICY) / Math.max(1, policy[UNITS]); // records of a unit may all be alike
            double error = Math.sqrt(a * squares[0]) / policy[DRAWS];
            return grouped(atoms, mean, error, mean >= priorMean ? 1 : -1);
        }

        /** By level, or where there are none those that reach the mean. */
        private static Rewards grouped(Atoms atoms, double mean, double error, int sign) {
            LevelIndex index = atoms.levels();
            int levels = index == null ? 1 : index.reward().length;
            double[] sums = atoms.sum(2 * levels + 1, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    if (block.stratum[i] == RolloutLog.PRIOR) {
                        into[2 * levels] += atoms.startsUnit(block.start + i) ? 1 : 0;
                        if (index != null || sign * block.reward[i] >= sign * mean) {
                            int level = index == null ? 0 : block.level[i];
                            into[level] += 1 / atoms.kept(block.start + i);
                            into[levels + level]++;
                        }
                    }
                }
            });
            double units = Math.max(1, sums[2 * levels]) / atoms.records(RolloutLog.PRIOR);
            int[] seen =
                    IntStream.range(0, levels).filter(j -> sums[levels + j] > 0).toArray();
            double[] level = new double[seen.length];
            double[] mass = new double[seen.length];
            double[] count = new double[seen.length];
            for (int j = 0; j < seen.length; j++) {
                level[j] = sign * (index == null ? mean : index.reward()[seen[j]]);
                mass[j] = sums[seen[j]] / atoms.draws(RolloutLog.PRIOR);
                count[j] = Math.max(1, sums[levels + seen[j]] * units); // of the units, were they spread evenly
            }
            return new Rewards(level, mass, count, sign * mean, error);
        }

        /** The largest reward of the prior's records; −∞ where none reaches the mean. */
        double most() {
            return Arrays.stream(level).max().orElse(Double.NEGATIVE_INFINITY);
        }

        /** The other distribution, where a reward reaches the mean. */
        Way way(double errors, double weight) {
            double records = Arrays.stream(count).sum();
            if (level.length > MOST_LEVELS || records < RECORDS_A_LEVEL * level.length) {
                return restricted(weight);
            }
            double[] logMass = new double[mass.length];
            for (int j = 0; j < mass.length; j++) {
                logMass[j] = Math.log(mass[j]);
            }
            TiltedFamily family = TiltedFamily.ofLog(logMass, level);
            double[] law = family.logPosterior(family.lambdaAtMean(Math.min(most(), mean + errors * error)));
            for (int j = 0; j < law.length; j++) {
                law[j] = Math.exp(law[j]);
            }
            return new Way(weight, law, mass, count);
        }

        private Way restricted(double weight) {
            double reached = 0;
            double records = 0;
            for (int j = 0; j < level.length; j++) {
                reached += level[j] >= mean ? mass[j] : 0;
                records += level[j] >= mean ? count[j] : 0;
            }
            return new Way(weight, new double[] {1}, new double[] {reached}, new double[] {records});
        }
    }
}
