package dev.credence.methods;

import dev.credence.core.posterior.NoPosteriorException;
import java.util.random.RandomGenerator;

/**
 * Draws from the prior until a judge approves: exact samples of prior × probability of approval. The one loop behind every
 * rejection sampler here.
 *
 * @param <T> what is drawn
 */
public final class RejectionSampler<T> implements Sampler<T> {
    private final Sampler<T> prior;
    private final Judge<? super T> judge;
    private final long mostTrials;

    private RejectionSampler(Sampler<T> prior, Judge<? super T> judge, long mostTrials) {
        if (!(mostTrials >= 1)) {
            throw new IllegalArgumentException("most trials is " + mostTrials + "; at least one is needed");
        }
        this.prior = prior;
        this.judge = judge;
        this.mostTrials = mostTrials;
    }

    /**
     * Accepts what a judge approves: an event, or one observation.
     *
     * @param prior draws from the prior
     * @param judge approves or not
     * @param mostTrials when to give up on one text
     * @param <T> what is drawn
     * @return the sampler
     */
    public static <T> RejectionSampler<T> accepting(Sampler<T> prior, Judge<? super T> judge, long mostTrials) {
        return new RejectionSampler<>(prior, judge, mostTrials);
    }

    /**
     * n independent copies of an observation, by a black-box simulator of it: accepts when all n simulations agree.
     *
     * @param prior draws from the prior
     * @param copies n ≥ 0
     * @param judge simulates the observation once and compares
     * @param mostTrials when to give up on one text
     * @param <T> what is drawn
     * @return the sampler; reading (a)
     * @throws IllegalArgumentException if copies is negative
     */
    public static <T> RejectionSampler<T> copies(
            Sampler<T> prior, int copies, Judge<? super T> judge, long mostTrials) {
        if (!(copies >= 0)) {
            throw new IllegalArgumentException("copies is " + copies + "; it must be >= 0");
        }
        return new RejectionSampler<>(prior, (text, random) -> all(copies, text, judge, random), mostTrials);
    }

    /**
     * Poisson(λ) independent raters who must all approve; needs no probability, only yes and no.
     *
     * @param prior draws from the prior
     * @param lambda mean number of raters, finite and ≥ 0
     * @param judge one rater
     * @param mostTrials when to give up on one text
     * @param <T> what is drawn
     * @return the sampler; reading (b)
     * @throws IllegalArgumentException unless lambda is finite and ≥ 0
     */
    public static <T> RejectionSampler<T> poissonRaters(
            Sampler<T> prior, double lambda, Judge<? super T> judge, long mostTrials) {
        if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "lambda is " + lambda + "; the mean number of raters must be finite and >= 0");
        }
        return new RejectionSampler<>(prior, (text, random) -> allOfPoisson(lambda, text, judge, random), mostTrials);
    }

    /**
     * Draws one completion.
     *
     * @throws NoPosteriorException if none of {@code mostTrials} prior draws is accepted
     */
    @Override
    public T sample(RandomGenerator random) {
        for (long trial = 0; trial < mostTrials; trial++) {
            T text = prior.sample(random);
            if (judge.approves(text, random)) {
                return text;
            }
        }
        throw new NoPosteriorException("none of " + mostTrials
                + " prior draws was accepted: the evidence is impossible under the prior, or too rare for rejection");
    }

    private static <T> boolean all(int judgements, T text, Judge<? super T> judge, RandomGenerator random) {
        for (int i = 0; i < judgements; i++) {
            if (!judge.approves(text, random)) {
                return false;
            }
        }
        return true;
    }

    /** Raters arrive as a Poisson process over [0, λ]; the first no ends it. */
    private static <T> boolean allOfPoisson(double lambda, T text, Judge<? super T> judge, RandomGenerator random) {
        for (double time = random.nextExponential(); time < lambda; time += random.nextExponential()) {
            if (!judge.approves(text, random)) {
                return false;
            }
        }
        return true;
    }
}
