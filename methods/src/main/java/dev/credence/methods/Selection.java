package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import java.util.Arrays;

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
        return by(RewardLikelihood.beats(n), n);
    }

    /**
     * The best share by reward, the level at the edge in part.
     *
     * @param q in (0, 1]
     * @return the quantilizer
     */
    static Selection bestShare(double q) {
        return by(RewardLikelihood.topQuantile(q), 1);
    }

    /**
     * What lies between two shares of the best by reward, the levels at both edges in part.
     *
     * @param from in [0, to): the better edge
     * @param to in (from, 1]
     * @return that part of the masses
     */
    static Selection shareBetween(double from, double to) {
        if (from == 0) {
            return bestShare(to);
        }
        return (reward, mass) -> {
            double[] better = bestShare(from).select(reward, mass);
            double[] kept = bestShare(to).select(reward, mass);
            double roundoff = 1e-12; // of a text, what the difference of its two shares may miss
            Arrays.setAll(kept, i -> kept[i] - better[i] > roundoff * mass[i] ? kept[i] - better[i] : 0);
            return kept;
        };
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

    /**
     * Texts of a range of rewards.
     *
     * @param lowest the least, included
     * @param highest the largest, included
     * @return a hard filter
     */
    static Selection within(double lowest, double highest) {
        return (reward, mass) -> weigh(mass, i -> reward[i] >= lowest && reward[i] <= highest ? 1 : 0);
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
        return by(RewardLikelihood.lucePool(k), 1);
    }

    /**
     * Texts weighed by e to a log-likelihood.
     *
     * @param evidence about the reward, relative to the texts that are selected from
     * @return weighted imitation
     */
    static Selection weighedBy(RewardLikelihood evidence) {
        return (reward, mass) -> {
            if (Arrays.stream(mass).allMatch(m -> m == 0)) {
                return mass.clone(); // an earlier round kept nothing
            }
            double[] logLikelihood = evidence.logLikelihoods(reward, mass);
            double most = largest(logLikelihood, mass); // shares alone count, and e to it may be no number
            return weigh(mass, i -> logLikelihood[i] == most ? 1 : Math.exp(logLikelihood[i] - most));
        };
    }

    /** What evidence about the reward leaves of each text's mass, times a number. */
    private static Selection by(RewardLikelihood evidence, double times) {
        return (reward, mass) -> {
            if (Arrays.stream(mass).allMatch(m -> m == 0)) {
                return mass.clone(); // an earlier round kept nothing
            }
            double[] logLikelihood = evidence.logLikelihoods(reward, mass);
            return weigh(mass, i -> times * Math.exp(logLikelihood[i]));
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
        Arrays.setAll(kept, i -> mass[i] == 0 ? 0 : mass[i] * share.of(i));
        return kept;
    }
}
