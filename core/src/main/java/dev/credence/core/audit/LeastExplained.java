package dev.credence.core.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.hipparchus.special.Gamma;
import org.jspecify.annotations.Nullable;

/**
 * A lower bound of the explained KL that needs no weights (docs/theory.md#least-explained): for every λ it is at least λR − log Z(λ),
 * and where rewards have few levels Z is Σ p e^{λr} over the prior's shares of the levels. Counts of the prior's draws bound Z from
 * above, all prompts' together, at a likelihood ratio that has room for every prompt's own: log Z of few draws errs low, and many
 * prompts err alike. A level that no draw shows has a share as large as its count of 0 allows.
 */
final class LeastExplained {
    private static final double NORMAL = 1.96;

    private static final double LIMIT = 0.975;

    /** The likelihood ratio of the limit of a count of 0, of which larger counts need less. */
    private static final double NONE = -Math.log1p(-LIMIT);

    private static final int MOST_LEVELS = 32;

    /** Of more prompts nothing is said: each is solved for many times over. */
    private static final int MOST_PROMPTS = 1000;

    private static final double LARGEST = 700; // of a logarithm

    private static final int STEPS = 45;
    private static final double GOLDEN = 0.5 * (Math.sqrt(5) - 1);

    private final List<Counts> prompts;
    private final double wanted;
    private final double highest;
    private final double room;

    private LeastExplained(List<Counts> prompts, double wanted, double highest, double room) {
        this.prompts = prompts;
        this.wanted = wanted;
        this.highest = highest;
        this.room = room;
    }

    /** The bound, nats; 0 where nothing is certain. */
    static double of(PromptPool pool) {
        if (pool.size() > MOST_PROMPTS) {
            return 0;
        }
        for (PromptAtoms member : pool.members()) {
            Atoms atoms = member.atoms();
            boolean counts = atoms.strata() > 0
                    && atoms.records(RolloutLog.PRIOR) > 0
                    && atoms.records(RolloutLog.POLICY) > 0
                    && atoms.keepsEveryDraw();
            if (!counts) {
                return 0;
            }
        }
        int sign = direction(pool);
        DoubleSummaryStatistics known = new DoubleSummaryStatistics();
        for (PromptAtoms member : pool.members()) {
            known.accept(sign * member.moments().maxReward());
            known.accept(sign * member.moments().minReward());
            AuditOptions.Range range = member.atoms().range();
            if (range != null) {
                known.accept(sign > 0 ? range.highest() : -range.lowest());
            }
        }
        double highest = known.getMax();
        @Nullable
        Seen[] seen = pool.all(c -> Seen.of(pool.members().get(c).atoms(), pool.weight(c), sign, highest), Seen[]::new);
        List<Counts> prompts = new ArrayList<>();
        double reached = 0;
        double squares = 0;
        double reach = 0;
        for (int c = 0; c < seen.length; c++) {
            Seen own = seen[c];
            if (own == null) {
                return 0;
            }
            prompts.add(own.counts);
            double error = pool.weight(c) * own.mean.error();
            reached += pool.weight(c) * sign * own.mean.mean();
            squares += error * error;
            reach = Math.max(reach, pool.weight(c) * own.mean.reach());
        }
        double wanted = reached - NORMAL * Math.sqrt(squares) - reach;
        double span = highest - known.getMin();
        return span > 0 && Double.isFinite(wanted)
                ? Math.max(0, new LeastExplained(prompts, wanted, highest, room(prompts.size())).most(span))
                : 0;
    }

    /** The likelihood ratio that all prompts' log Z together stay within: half of a chi square with a degree of freedom each. */
    private static double room(int prompts) {
        double low = 0;
        double high = 2 * prompts + 10;
        for (int k = 0; k < STEPS; k++) {
            double middle = 0.5 * (low + high);
            if (Gamma.regularizedGammaP(0.5 * prompts, middle) < LIMIT) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.max(NONE, high);
    }

    private static int direction(PromptPool pool) {
        double gain =
                pool.mean(pool.values(c -> PolicyMean.of(pool.members().get(c).atoms())
                        - pool.members().get(c).moments().prior().reward()));
        return gain >= 0 ? 1 : -1;
    }

    /** The largest of the bounds by λ, of which all hold; they are concave in λ. */
    private double most(double span) {
        double low = Math.log(1e-2 / span);
        double high = Math.log(200 / span);
        double left = high - GOLDEN * (high - low);
        double right = low + GOLDEN * (high - low);
        double atLeft = bound(Math.exp(left));
        double atRight = bound(Math.exp(right));
        for (int k = 0; k < STEPS / 2; k++) {
            if (atLeft >= atRight) {
                high = right;
                right = left;
                atRight = atLeft;
                left = high - GOLDEN * (high - low);
                atLeft = bound(Math.exp(left));
            } else {
                low = left;
                left = right;
                atLeft = atRight;
                right = low + GOLDEN * (high - low);
                atRight = bound(Math.exp(right));
            }
        }
        return Math.max(atLeft, atRight);
    }

    /** λR − Σ ω log Z, the largest Z that the counts allow. */
    private double bound(double lambda) {
        List<Tilted> tilted =
                prompts.stream().map(c -> c.tilted(lambda, highest)).toList();
        double low = -60;
        double high = 1;
        while (ratio(tilted, Math.exp(high)) > room) {
            high += 2;
            if (high > LARGEST) {
                return Double.NEGATIVE_INFINITY; // no bound at this λ
            }
        }
        for (int k = 0; k < STEPS; k++) {
            double middle = 0.5 * (low + high);
            if (ratio(tilted, Math.exp(middle)) > room) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double tau = Math.exp(low); // on the far side of the limit
        double logZ = tilted.stream()
                .mapToDouble(t -> t.weight * Math.log(t.sum(tau)))
                .sum();
        return lambda * (wanted - highest) - logZ;
    }

    private double ratio(List<Tilted> tilted, double tau) {
        double sum = 0;
        for (Tilted each : tilted) {
            sum += each.ratio(tau);
            if (!(sum <= room)) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return sum;
    }

    /**
     * What one prompt's records show.
     *
     * @param counts the prior's draws by level
     * @param mean the policy's
     * @serial exclude
     */
    private record Seen(Counts counts, PolicyMean mean) implements Serializable {
        /** Null where there are too many levels. */
        static @Nullable Seen of(Atoms atoms, double weight, int sign, double highest) {
            LevelIndex levels = atoms.levels();
            return levels == null || levels.reward().length > MOST_LEVELS
                    ? null
                    : new Seen(Counts.of(atoms, levels, weight, sign, highest), PolicyMean.of(atoms, -sign));
        }
    }

    /**
     * The prior's draws by level, of one prompt.
     *
     * @param weight of the prompt
     * @param level (levels) rewards, turned
     * @param count (levels) draws, as many as are independent; 0 where none shows the level
     * @param scale (levels) share of the prior that one of them stands for
     * @serial exclude
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Counts(double weight, double[] level, double[] count, double[] scale) implements Serializable {
        static Counts of(Atoms atoms, LevelIndex index, double weight, int sign, double highest) {
            int own = index.reward().length;
            MostExplained.Clusters clusters = new MostExplained.Clusters(own + 1); // the last of all draws
            atoms.forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    clusters.next(atoms.startsUnit(block.start + i));
                    if (block.stratum[i] == RolloutLog.PRIOR) {
                        clusters.add(block.level[i], 1);
                        clusters.add(own, 1);
                    }
                }
            });
            double draws = clusters.mass[own];
            double units = clusters.count(own);
            boolean isKnown = Arrays.stream(index.reward()).anyMatch(r -> sign * r == highest);
            int levels = isKnown ? own : own + 1;
            double[] level = new double[levels];
            double[] count = new double[levels];
            double[] scale = new double[levels];
            for (int j = 0; j < levels; j++) {
                boolean isSeen = j < own && clusters.mass[j] > 0;
                level[j] = j < own ? sign * index.reward()[j] : highest;
                count[j] = isSeen ? clusters.count(j) : 0;
                scale[j] = isSeen ? clusters.mass[j] / draws / count[j] : 1 / units;
            }
            return new Counts(weight, level, count, scale);
        }

        Tilted tilted(double lambda, double highest) {
            double[] term = new double[level.length];
            for (int j = 0; j < term.length; j++) {
                term[j] = scale[j] * Math.exp(lambda * (level[j] - highest));
            }
            return new Tilted(weight, count, term);
        }
    }

    /**
     * The largest Σ μ e of one prompt for a multiplier τ of the likelihood ratio: there μ = k/(1 − ω e/(τ Σ)), and a level of no draws
     * takes what keeps Σ from falling below ω e/τ.
     *
     * @param weight ω
     * @param count (levels) k
     * @param term (levels) e
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Tilted(double weight, double[] count, double[] term) {
        double sum(double tau) {
            return Math.max(fixed(tau), least(tau));
        }

        /** What keeps Σ from falling below ω e/τ of a level of no draws. */
        private double least(double tau) {
            return weight * unseen() / tau;
        }

        /** The largest e of a level of no draws; 0 where every level has some. */
        private double unseen() {
            double largest = 0;
            for (int j = 0; j < term.length; j++) {
                largest = count[j] > 0 ? largest : Math.max(largest, term[j]);
            }
            return largest;
        }

        /** Σ where no level but those that draws show has a share. */
        private double fixed(double tau) {
            double floor = 0;
            double plain = 0;
            for (int j = 0; j < term.length; j++) {
                if (count[j] > 0) {
                    floor = Math.max(floor, weight * term[j] / tau);
                    plain += count[j] * term[j];
                }
            }
            double low = floor;
            double high = Math.max(plain, floor) * 2;
            while (shown(high, tau) > high) {
                high *= 2;
            }
            for (int k = 0; k < STEPS; k++) {
                double middle = 0.5 * (low + high);
                if (shown(middle, tau) > middle) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return high;
        }

        /** Σ μ e over the levels that draws show. */
        private double shown(double sum, double tau) {
            double total = 0;
            for (int j = 0; j < term.length; j++) {
                if (count[j] > 0) {
                    double left = 1 - weight * term[j] / (tau * sum);
                    total += left > 0 ? count[j] * term[j] / left : Double.POSITIVE_INFINITY;
                }
            }
            return total;
        }

        double ratio(double tau) {
            double fixed = fixed(tau);
            double least = least(tau);
            double sum = Math.max(fixed, least);
            double ratio = 0;
            double rest = sum;
            for (int j = 0; j < term.length; j++) {
                if (count[j] > 0) {
                    double left = 1 - weight * term[j] / (tau * sum);
                    double mean = count[j] / left;
                    ratio += mean - count[j] + count[j] * Math.log(left);
                    rest -= mean * term[j];
                }
            }
            // where no such level has a share, what is left is rounding, and may be many times its e
            return least > fixed ? ratio + Math.max(0, rest) / unseen() : ratio;
        }
    }
}
