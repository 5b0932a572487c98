package dev.credence.core.evidence;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Evidence about the reward alone: from the rewards of one prompt's atoms and their prior masses to the log-likelihood of
 * each atom. The computational core that exact tables and rollout logs share.
 *
 * <p>An atom is an outcome of a table or a record of a log; prior masses need not be normalised, and an atom may have
 * none. Rewards are numbers below ∞; −∞ is an inadmissible text.
 */
public interface RewardLikelihood extends Serializable {
    /**
     * The log-likelihoods of one prompt's atoms.
     *
     * @param reward (atoms), each in [−∞, ∞)
     * @param priorProbability (atoms), each ≥ 0, not all 0
     * @return (atoms), nats, each in [−∞, ∞)
     * @throws IllegalArgumentException if the sizes differ, a reward is NaN or ∞, or a mass is negative or NaN
     */
    double[] logLikelihoods(double[] reward, double[] priorProbability);

    /** {@return what is observed, in words} */
    String describe();

    /**
     * Why it says nothing of some rewards.
     *
     * @param reward any
     * @return such as {@code the reward is 1.5; an approval probability must be in [0, 1]}, of the smallest that it refuses; null
     *     where it speaks of all
     */
    default @Nullable String refused(double[] reward) {
        return null;
    }

    /** {@return whether it is the probability of something observed, so that no log-likelihood is above 0; copies of a reward are not} */
    default boolean isProbability() {
        return true;
    }

    /**
     * Another independent observation of the same reward beside it.
     *
     * @param other what else was observed
     * @return both: log-likelihoods add, and what one excludes stays excluded
     * @throws IllegalArgumentException if one of the two depends on what the other texts have, as a quantile does
     */
    default RewardLikelihood and(RewardLikelihood other) {
        return JointLikelihood.of(this, 1).with(JointLikelihood.of(other, 1));
    }

    /**
     * The same observation so often.
     *
     * @param n copies, any finite number; negative ones of what excludes a text have no posterior
     * @return n times the log-likelihood
     * @throws IllegalArgumentException if n is not finite, or it depends on what the other texts have and n is not 1
     */
    default RewardLikelihood times(double n) {
        return n == 1 ? this : JointLikelihood.of(this, n);
    }

    /**
     * The same evidence again and again, each time against the posterior of the round before: best-of-n on best-of-n,
     * the top share of the top share.
     *
     * @param rounds at least 1
     * @return all rounds together
     * @throws IllegalArgumentException if rounds is less than 1
     */
    default RewardLikelihood rounds(int rounds) {
        return rounds == 1 ? this : new Rounds(this, rounds);
    }

    /**
     * λ copies of the reward read as a log-likelihood: λ·r.
     *
     * @param lambda λ = 1/β, any sign; ∞ is the limit β → 0, the prior on its largest rewards; −∞ on its smallest
     * @return the tilt
     */
    static RewardLikelihood tilt(double lambda) {
        return Double.isInfinite(lambda) ? new ExtremeReward(lambda > 0) : new Tilting(lambda);
    }

    /**
     * Copies of the reward's advantage over the prior's mean reward V, with weights that are capped: min((r − V)/β, log cap).
     *
     * @param beta β, positive and finite
     * @param cap the largest weight, above 0; ∞ for none, which is the tilt at 1/β
     * @return what advantage-weighted imitation conditions on
     * @throws IllegalArgumentException if a number is out of its range
     */
    static RewardLikelihood clippedAdvantage(double beta, double cap) {
        return new ClippedAdvantage(beta, cap);
    }

    /**
     * Being the one picked among n draws from the prior, best reward first, ties at random: the mean of u^(n−1) over the
     * atom's stretch of the prior's distribution function. Its partition is Z = 1/n.
     *
     * @param n draws, itself included; any finite real number above 0
     * @return what best-of-n conditions on
     */
    static RewardLikelihood beats(double n) {
        return new BestOfDraws(n);
    }

    /**
     * Being among the best share q of the prior's mass; of the level that straddles the edge, the part within.
     *
     * @param q in (0, 1]
     * @return what the quantilizer conditions on; Z = q
     */
    static RewardLikelihood topQuantile(double q) {
        return new TopShare(q);
    }

    /**
     * Being among the best of a pool of draws from the prior, by reward, ties at random: what a quantilizer by draws conditions on.
     *
     * @param kept how many are among the best; the part of an odd one counts in part. Above 0, at most the pool
     * @param pool draws, itself included
     * @return what tends to {@code topQuantile(kept/pool)} as the pool grows; Z = kept/pool
     */
    static RewardLikelihood amongBest(double kept, int pool) {
        return new PoolShare(kept, pool);
    }

    /**
     * Having exactly this reward.
     *
     * @param value the level
     * @return an event
     */
    static RewardLikelihood level(double value) {
        return new RewardRange(value, value);
    }

    /**
     * Having a reward in a range.
     *
     * @param lowest least reward, included
     * @param highest largest reward, included
     * @return an event
     */
    static RewardLikelihood range(double lowest, double highest) {
        return new RewardRange(lowest, highest);
    }

    /**
     * Having at least this reward.
     *
     * @param least the threshold, included
     * @return an event
     */
    static RewardLikelihood atLeast(double least) {
        return new RewardRange(least, Double.POSITIVE_INFINITY);
    }

    /**
     * Being the one chosen, with odds e^r, from a pool of k draws from the prior. As k grows, k·L tends to
     * {@code tilt(1)} normalised. Its partition is Z = 1/k.
     *
     * @param k the pool's size, itself included; any finite real number ≥ 1
     * @return one round of Luce's choice
     */
    static RewardLikelihood lucePool(double k) {
        return new LucePool(k, 1);
    }

    /**
     * Being the one chosen, with odds e^(λr), from a pool of n draws from the prior: soft best-of-n, which is also
     * importance resampling. n = 1 is the prior; as n grows it tends to {@code tilt(λ)}, as λ grows to {@code beats(n)}.
     * Its partition is Z = 1/n.
     *
     * @param n the pool's size, itself included; any finite real number ≥ 1
     * @param lambda λ = 1/β ≥ 0; ∞ is {@code beats(n)}
     * @return one choice
     */
    static RewardLikelihood softBestOf(double n, double lambda) {
        return lambda == Double.POSITIVE_INFINITY ? beats(n) : new LucePool(n, lambda);
    }

    /**
     * Approval by all of Poisson(λ) independent raters, each of whom approves with probability r: e^(λ(r−1)).
     *
     * @param lambda mean number of raters, finite and ≥ 0
     * @return reading (b); rewards must be in [0, 1]
     */
    static RewardLikelihood poissonRaters(double lambda) {
        return new PoissonRaters(lambda);
    }

    /**
     * n independent observations of probability r each: r^n.
     *
     * @param n copies, finite and ≥ 0; none exclude nothing
     * @return reading (a) of a reward that is a probability; rewards must be in [0, 1]
     */
    static RewardLikelihood copies(double n) {
        return new ProbabilityCopies(n);
    }
}
