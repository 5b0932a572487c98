package dev.credence.core.evidence;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.function.BiPredicate;

/**
 * What a prior is conditioned on: the log-likelihood of each complete text.
 *
 * <p>A reward r under the KL coefficient β is the evidence r/β; a predicate is evidence in {0, −∞}; a prompt is a
 * predicate on the beginning of the text. Evidence adds ({@link #and}), scales ({@link #times}: n copies, n real) and can
 * be bounded on prefixes, so that whole branches of the space are pruned.
 */
public interface Evidence {
    /**
     * The log-likelihood of the evidence under one complete text.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @return nats, in [−∞, ∞)
     */
    double logLikelihood(String prompt, String completion);

    /**
     * The same of a text whose length is known.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @param tokens its length, the end counted
     * @return nats, in [−∞, ∞); those of the text alone unless the evidence is about a reward that reads the length
     */
    default double logLikelihood(String prompt, String completion, int tokens) {
        return logLikelihood(prompt, completion);
    }

    /**
     * The log-likelihoods of all outcomes of a distribution.
     *
     * @param prompt what the completions are for
     * @param completions a distribution over them
     * @return (outcomes), in the distribution's order
     */
    default double[] logLikelihoods(String prompt, Distribution completions) {
        double[] logLikelihoods = new double[completions.size()];
        for (int i = 0; i < logLikelihoods.length; i++) {
            logLikelihoods[i] = logLikelihood(prompt, completions.outcomes().get(i));
        }
        return logLikelihoods;
    }

    /** {@return what is observed, in words that complete "given that …" or "evidence: …"} */
    String describe();

    /**
     * What the log-likelihood is, seen as a reward at one copy; a filter reads it to know how to accept.
     *
     * @return {@code LOG_PROBABILITY} unless the evidence was made of another reward
     */
    default RewardType rewardType() {
        return RewardType.LOG_PROBABILITY;
    }

    /**
     * What is known of all completions that begin with a prefix.
     *
     * @param prompt what the completion is for
     * @param prefix its beginning
     * @return bounds that hold for each of them; unbounded unless the evidence knows better
     */
    default LogBounds bounds(String prompt, String prefix) {
        return LogBounds.UNBOUNDED;
    }

    /**
     * This evidence on a model's completions behind a prompt, token by token: the one way from texts to tokens.
     *
     * @param tokens how tokens make texts
     * @param prompt the prompt's text
     * @return the log-likelihood of the text that they spell, bounded on beginnings as far as this evidence is: by automata
     *     where it is about a reward that has them, else by the text so far
     */
    default TokenEvidence on(TextTokens tokens, String prompt) {
        return bounds(prompt, "").equals(LogBounds.UNBOUNDED)
                ? TextOnTokens.unfollowed(this, tokens, prompt)
                : new TextOnTokens(this, tokens, prompt);
    }

    /**
     * Both this and other, independent evidence.
     *
     * @param other the other
     * @return the sum of the two log-likelihoods; −∞ where one of them is, whatever the other
     */
    default Evidence and(Evidence other) {
        return new JointEvidence(this, other);
    }

    /**
     * So many independent copies of this evidence.
     *
     * @param n copies; any finite real number. Zero copies are no evidence, even where a single one would exclude
     * @return n times the log-likelihood
     * @throws IllegalArgumentException unless n is finite
     */
    default Evidence times(double n) {
        return new RepeatedEvidence(this, n);
    }

    /**
     * This evidence with a promise that its log-likelihood never leaves the given bounds; the promise prunes, it does
     * not clip: a text that breaks it is an error.
     *
     * @param lower nats; −∞ promises nothing
     * @param upper nats
     * @return the evidence with these bounds on every prefix
     * @throws IllegalArgumentException unless lower ≤ upper
     */
    default Evidence bounded(double lower, double upper) {
        return new BoundedEvidence(this, new LogBounds(lower, upper));
    }

    /**
     * A prompt: the text begins so.
     *
     * @param beginning the first characters of the completion
     * @return evidence in {0, −∞}
     */
    static Evidence prompt(String beginning) {
        return new PromptEvidence(beginning);
    }

    /**
     * An event that a text fulfils or does not.
     *
     * @param name the event in words
     * @param event of prompt and completion
     * @return evidence in {0, −∞}
     */
    static Evidence event(String name, BiPredicate<String, String> event) {
        return new EventEvidence(name, event);
    }

    /**
     * One observation O whose probability each text states: reading (a), log p(O|x).
     *
     * @param p probability of the observation given the text, in [0, 1]
     * @return its logarithm; a value outside [0, 1] is an {@link IllegalArgumentException} when it is met
     */
    static Evidence probability(RewardFunction p) {
        return new RewardEvidence(
                new ProbabilityCopies(1),
                p,
                "one observation, of the probability that each text gives it",
                RewardType.LOG_PROBABILITY);
    }

    /**
     * A reward, to be made evidence by saying at which strength: {@code reward(r).atKl(beta)}.
     *
     * @param reward the reward
     * @return it, not evidence yet
     */
    static ScoredTexts reward(RewardFunction reward) {
        return reward(reward, RewardType.SCORE);
    }

    /**
     * The same of a reward of a known type.
     *
     * @param reward the reward
     * @param type what it is
     * @return it, not evidence yet
     */
    static ScoredTexts reward(RewardFunction reward, RewardType type) {
        return new ScoredTexts(reward, type);
    }

    /**
     * A text has exactly this reward.
     *
     * @param value the level
     * @param reward the reward
     * @return evidence in {0, −∞}
     */
    static Evidence rewardLevel(double value, RewardFunction reward) {
        return rewardLevel(value, value, reward);
    }

    /**
     * A text's reward lies in a range.
     *
     * @param lowest least reward, included
     * @param highest largest reward, included
     * @param reward the reward
     * @return evidence in {0, −∞}
     * @throws IllegalArgumentException unless lowest ≤ highest
     */
    static Evidence rewardLevel(double lowest, double highest, RewardFunction reward) {
        return new RewardEvidence(new RewardRange(lowest, highest), reward);
    }

    /**
     * An event that a reward tells: it is above 0.
     *
     * @param name the event in words
     * @param reward such as 1 where something is found and 0 where not
     * @return evidence in {0, −∞}
     */
    static Evidence positive(String name, RewardFunction reward) {
        return new RewardEvidence(
                new RewardRange(Double.MIN_VALUE, Double.POSITIVE_INFINITY), reward, name, RewardType.LOG_PROBABILITY);
    }

    /**
     * Evidence about the reward that each text's own reward decides: a tilt, a range, copies of a probability, raters.
     *
     * @param likelihood from a reward to its log-likelihood
     * @param reward the reward
     * @return the evidence on all texts
     * @throws IllegalArgumentException if the likelihood depends on the rewards of all texts
     */
    static Evidence of(RewardLikelihood likelihood, RewardFunction reward) {
        if (likelihood instanceof PointwiseLikelihood pointwise) {
            return new RewardEvidence(pointwise, reward);
        }
        throw new IllegalArgumentException("likelihood is '" + likelihood.describe()
                + "'; it depends on the rewards of all texts: name the prior");
    }

    /**
     * A text is the best of n draws from the prior, by reward, ties broken at random: what best-of-n conditions on.
     *
     * @param n draws, itself included; any real number above 0
     * @param reward the reward
     * @param prior the prior the others are drawn from
     * @return log-probability of being the one picked
     */
    static Evidence beats(double n, RewardFunction reward, TableModel prior) {
        return of(RewardLikelihood.beats(n), reward, prior);
    }

    /**
     * A text is among the best share q of the prior's mass, by reward; a level that straddles the edge counts in part.
     *
     * @param q the share, in (0, 1]
     * @param reward the reward
     * @param prior the prior
     * @return log of the part of the text's level that is among the best
     */
    static Evidence topQuantile(double q, RewardFunction reward, TableModel prior) {
        return of(RewardLikelihood.topQuantile(q), reward, prior);
    }

    /**
     * Evidence about the reward whose likelihood depends on the prior's distribution of rewards.
     *
     * @param likelihood from rewards and prior masses to log-likelihoods
     * @param reward the reward
     * @param prior the prior; only its prompts and outcomes have a likelihood
     * @return the evidence on that prior's texts
     */
    static Evidence of(RewardLikelihood likelihood, RewardFunction reward, TableModel prior) {
        return TableEvidence.of(likelihood, reward, prior);
    }
}
