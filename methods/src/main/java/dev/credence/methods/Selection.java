package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What a round of imitation keeps of the texts it is given, or a sampler of its pool: from masses to masses. The texts are
 * all those of a table, or draws with equal masses; of draws the shares are those of the pool, so it must be large.
 */
@FunctionalInterface
public interface Selection {
    /**
     * Selects among one prompt's texts.
     *
     * @param reward (texts), below ∞
     * @param mass (texts), ≥ 0, sums to one
     * @return (texts), ≥ 0, not normalised; all 0 where nothing is kept
     */
    double[] select(double[] reward, double[] mass);

    /**
     * The best of n draws: F^n − F₋^n for each level of reward, ties in the ratios of their masses.
     *
     * @param n draws, at least 1
     * @return best-of-n
     */
    static Selection bestOf(int n) {
        return (reward, mass) -> byLevel(reward, mass, (below, at) -> Math.pow(below + at, n) - Math.pow(below, n));
    }

    /**
     * The best share by reward, the level at the edge in part.
     *
     * @param q in (0, 1]
     * @return the quantilizer
     */
    static Selection bestShare(double q) {
        return (reward, mass) -> byLevel(reward, mass, (below, at) -> {
            double above = Math.max(0, 1 - below - at);
            return Math.max(0, Math.min(at, q - above));
        });
    }

    /**
     * Texts of at least a reward.
     *
     * @param threshold the reward
     * @return a hard filter
     */
    static Selection atLeast(double threshold) {
        return (reward, mass) -> weigh(mass, i -> reward[i] >= threshold ? 1 : 0);
    }

    /** {@return the texts of the largest reward that has any mass} */
    static Selection best() {
        return (reward, mass) -> {
            double best = largest(reward, mass);
            return weigh(mass, i -> reward[i] >= best ? 1 : 0);
        };
    }

    /**
     * One of a pool of k, with odds e^r.
     *
     * @param k size of the pool
     * @return Luce's choice
     */
    static Selection luce(int k) {
        RewardLikelihood pool = RewardLikelihood.lucePool(k);
        return (reward, mass) -> {
            double[] logChosen = pool.logLikelihoods(reward, mass);
            return weigh(mass, i -> Math.exp(logChosen[i]));
        };
    }

    /**
     * A filter that lets a text through with a probability: the reward itself, the exponential of a log-probability, or
     * e^((r − r_max)/β) of any other.
     *
     * @param type what the reward is
     * @param copies 1/β; not heard where the reward is a probability or its logarithm
     * @return a soft filter, which refuses rewards that are not of the type with an {@link IllegalArgumentException}
     */
    static Selection softly(RewardType type, double copies) {
        return (reward, mass) -> {
            double best = largest(reward, mass);
            return weigh(mass, i -> switch (type) {
                case PROBABILITY -> probability(reward[i], reward[i], "a probability it must be in [0, 1]");
                case LOG_PROBABILITY ->
                    probability(reward[i], Math.exp(reward[i]), "a log-probability it must be <= 0");
                case LOGIT, SCORE -> reward[i] == best ? 1 : Math.exp(copies * (reward[i] - best));
            });
        };
    }

    /**
     * The same again and again, each time on what the last one kept.
     *
     * @param rounds at least 1
     * @return all rounds together
     */
    default Selection rounds(int rounds) {
        return (reward, mass) -> {
            double[] kept = mass;
            for (int round = 0; round < rounds; round++) {
                kept = select(reward, normalised(kept));
            }
            return kept;
        };
    }

    /**
     * Masses that sum to one.
     *
     * @param weight ≥ 0
     * @return a copy divided by its sum; zeros where all are
     */
    static double[] normalised(double[] weight) {
        double sum = Arrays.stream(weight).sum();
        return Arrays.stream(weight).map(w -> sum > 0 ? w / sum : 0).toArray();
    }

    private static double largest(double[] reward, double[] mass) {
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            best = mass[i] > 0 ? Math.max(best, reward[i]) : best;
        }
        return best;
    }

    private static double probability(double reward, double probability, String rule) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a reward is " + reward + "; as " + rule);
        }
        return probability;
    }

    /** The share of one text that is kept. */
    @FunctionalInterface
    interface Share {
        /**
         * The share.
         *
         * @param i which text
         * @return at least 0
         */
        double of(int i);
    }

    private static double[] weigh(double[] mass, Share share) {
        double[] kept = new double[mass.length];
        Arrays.setAll(kept, i -> mass[i] * share.of(i));
        return kept;
    }

    /** What one level of equal rewards is given: from the mass below it, and its own. */
    @FunctionalInterface
    interface LevelMass {
        /**
         * The level's part.
         *
         * @param below mass of smaller rewards
         * @param mass of this one
         * @return at least 0
         */
        double of(double below, double mass);
    }

    /** Texts of equal reward alike, from the worst level up; within a level in the ratios of their masses. */
    private static double[] byLevel(double[] reward, double[] mass, LevelMass levelMass) {
        Integer[] order = new Integer[reward.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> reward[i] + 0.0)); // −0.0 and 0.0 tie
        double[] kept = new double[reward.length];
        double below = 0;
        for (int from = 0, to; from < order.length; from = to) {
            double level = 0;
            for (to = from; to < order.length && reward[order[to]] == reward[order[from]]; to++) {
                level += mass[order[to]];
            }
            double share = levelMass.of(below, level);
            for (int k = from; k < to; k++) {
                kept[order[k]] = level > 0 ? share * mass[order[k]] / level : 0;
            }
            below += level;
        }
        return kept;
    }
}
