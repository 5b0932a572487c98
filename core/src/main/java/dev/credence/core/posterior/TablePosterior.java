package dev.credence.core.posterior;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The exact posterior π*(x|c) = π0(x|c) e^{E(x,c)} / Z_c of a table, prompt by prompt. */
public final class TablePosterior {
    private final TableModel model;
    private final Map<String, Double> logPartition; // prompt to nats

    private TablePosterior(TableModel model, Map<String, Double> logPartition) {
        this.model = model;
        this.logPartition = logPartition;
    }

    /**
     * The posterior under any evidence.
     *
     * @param prior the prior
     * @param evidence its log-likelihood is asked of every text that the prior allows
     * @return the posterior
     * @throws NoPosteriorException if a log-likelihood is NaN or ∞, or the prior gives the evidence probability 0
     */
    public static TablePosterior of(TableModel prior, Evidence evidence) {
        return of(prior, evidence.describe(), (prompt, distribution) -> {
            double[] logLikelihood = new double[distribution.size()];
            for (int i = 0; i < logLikelihood.length; i++) {
                if (distribution.logProbability(i) > Double.NEGATIVE_INFINITY) {
                    logLikelihood[i] = evidence.logLikelihood(
                            prompt, distribution.outcomes().get(i));
                }
            }
            return logLikelihood;
        });
    }

    /**
     * The posterior under evidence about a reward.
     *
     * @param prior the prior
     * @param reward the reward of each text
     * @param likelihood what is observed of the reward
     * @return the posterior
     * @throws NoPosteriorException if a log-likelihood is NaN or ∞, or the prior gives the evidence probability 0, as for a
     *     reward level that was never seen
     */
    public static TablePosterior of(TableModel prior, RewardFunction reward, RewardLikelihood likelihood) {
        return of(prior, likelihood.describe(), (prompt, distribution) -> {
            double[] rewards = reward.rewards(prompt, distribution);
            double[] logLikelihood = likelihood.logLikelihoods(rewards, distribution.probabilities());
            requireSeen(distribution, rewards, logLikelihood, likelihood.describe(), prompt);
            return logLikelihood;
        });
    }

    /**
     * Checks that a policy can be a conditional of a prior at all: conditioning never adds texts.
     *
     * @param prior the prior
     * @param policy the policy
     * @throws NoPosteriorException if the prompts differ, or the policy gives mass where the prior has none
     */
    public static void requireSupport(TableModel prior, TableModel policy) {
        for (String prompt : policy.prompts()) {
            if (!prior.prompts().contains(prompt)) {
                throw new NoPosteriorException("the policy has prompt '" + prompt + "', the prior has not");
            }
            Distribution conditional = policy.given(prompt);
            for (int i = 0; i < conditional.size(); i++) {
                String outcome = conditional.outcomes().get(i);
                if (conditional.probability(i) > 0 && !(prior.given(prompt).probability(outcome) > 0)) {
                    throw new NoPosteriorException("the policy gives '" + outcome + "' (prompt '" + prompt
                            + "') probability " + conditional.probability(i)
                            + " where the prior has 0: it is no conditional of this prior");
                }
            }
        }
    }

    /** {@return the posterior as a model, over the prior's prompts, weights and outcomes} */
    public TableModel model() {
        return model;
    }

    /**
     * log Z of one prompt.
     *
     * @param prompt a prompt of the prior
     * @return log of the evidence's prior expectation, nats
     */
    public double logPartition(String prompt) {
        Double value = logPartition.get(prompt);
        if (value == null) {
            throw new IllegalArgumentException("prompt '" + prompt + "' is not one of " + logPartition.keySet());
        }
        return value;
    }

    /** {@return the mean of log Z over the prompts, by weight, nats} */
    public double meanLogPartition() {
        double mean = 0;
        for (Map.Entry<String, Double> entry : logPartition.entrySet()) {
            mean += model.weight(entry.getKey()) * entry.getValue();
        }
        return mean;
    }

    /**
     * The log-probability of a text.
     *
     * @param prompt a prompt of the prior
     * @param completion a text
     * @return nats; −∞ for a text that is not in the table
     */
    public double logProbability(String prompt, String completion) {
        Distribution distribution = model.given(prompt);
        int i = distribution.indexOf(completion);
        return i < 0 ? Double.NEGATIVE_INFINITY : distribution.logProbability(i);
    }

    /**
     * Draws a text, exactly.
     *
     * @param prompt a prompt of the prior
     * @param random source of randomness
     * @return a completion
     */
    public String sample(String prompt, RandomGenerator random) {
        Distribution distribution = model.given(prompt);
        return distribution.outcomes().get(distribution.sample(random));
    }

    /** Log-likelihoods of one prompt's outcomes. */
    @FunctionalInterface
    private interface PromptLikelihood {
        double[] of(String prompt, Distribution distribution);
    }

    private static TablePosterior of(TableModel prior, String words, PromptLikelihood likelihood) {
        Map<String, Double> logPartition = new LinkedHashMap<>();
        TableModel model = prior.map((prompt, distribution) -> {
            double[] logLikelihood = likelihood.of(prompt, distribution);
            for (int i = 0; i < logLikelihood.length; i++) {
                requireNumber(distribution, i, logLikelihood[i], words, prompt);
            }
            Joint joint = Joint.of(distribution.logProbabilities(), logLikelihood);
            double logZ = joint.logPartition();
            if (logZ == Double.NEGATIVE_INFINITY) {
                throw new NoPosteriorException("the prior of " + named(prompt) + " gives the evidence probability 0: no"
                        + " text of it fulfils '" + words + "'");
            }
            logPartition.put(prompt, logZ);
            return Distribution.ofLogWeights(distribution.outcomes(), joint.logWeights());
        });
        return new TablePosterior(model, logPartition);
    }

    private static void requireNumber(Distribution prior, int i, double logLikelihood, String words, String prompt) {
        if (prior.logProbability(i) > Double.NEGATIVE_INFINITY && !(logLikelihood < Double.POSITIVE_INFINITY)) {
            String why = Double.isNaN(logLikelihood) ? "a likelihood must be a number" : "Z is infinite";
            throw new NoPosteriorException(
                    "log-likelihood of '" + prior.outcomes().get(i) + "' (" + named(prompt) + ") under '" + words
                            + "' is " + logLikelihood + ": " + why);
        }
    }

    private static void requireSeen(
            Distribution prior, double[] rewards, double[] logLikelihood, String words, String prompt) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < rewards.length; i++) {
            if (prior.probability(i) > 0) {
                if (logLikelihood[i] != Double.NEGATIVE_INFINITY) {
                    return;
                }
                least = Math.min(least, rewards[i]);
                most = Math.max(most, rewards[i]);
            }
        }
        throw new NoPosteriorException("'" + words + "' was never seen under the prior of " + named(prompt)
                + ", whose rewards lie in [" + least + ", " + most + "]: there is nothing to condition on");
    }

    private static String named(String prompt) {
        return prompt.isEmpty() ? "the only prompt" : "prompt '" + prompt + "'";
    }
}
