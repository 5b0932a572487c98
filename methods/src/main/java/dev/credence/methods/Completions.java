package dev.credence.methods;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import java.util.Comparator;

/** One prompt's completions with their rewards. */
final class Completions {
    private final Distribution prior;
    private final double[] reward; // (outcomes)

    private Completions(Distribution prior, double[] reward) {
        this.prior = prior;
        this.reward = reward;
    }

    static Completions of(String prompt, Distribution prior, RewardFunction reward) {
        double[] rewards = reward.rewards(prompt, prior);
        for (int i = 0; i < rewards.length; i++) {
            if (!(rewards[i] < Double.POSITIVE_INFINITY)) {
                throw new NoPosteriorException("reward of '" + prior.outcomes().get(i) + "' (prompt '" + prompt
                        + "') is " + rewards[i] + "; it must be a number below infinity");
            }
        }
        return new Completions(prior, rewards);
    }

    int size() {
        return reward.length;
    }

    String text(int i) {
        return prior.outcomes().get(i);
    }

    double reward(int i) {
        return reward[i];
    }

    double prior(int i) {
        return prior.probability(i);
    }

    double[] priorMasses() {
        return prior.probabilities();
    }

    double[] rewards() {
        return reward.clone();
    }

    Distribution distribution() {
        return prior;
    }

    /** The largest reward that the prior allows. */
    double best() {
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            best = prior.probability(i) > 0 ? Math.max(best, reward[i]) : best;
        }
        return best;
    }

    /** The same completions and rewards under another distribution. */
    Completions under(double[] weight) {
        double[] logWeight = new double[weight.length];
        for (int i = 0; i < weight.length; i++) {
            logWeight[i] = Math.log(weight[i]);
        }
        return new Completions(Distribution.ofLogWeights(prior.outcomes(), logWeight), reward);
    }

    /** What one level of equal rewards gives to the policy: from prior mass below the level, and at it, to policy mass. */
    @FunctionalInterface
    interface LevelMass {
        double of(double below, double mass);
    }

    /** A policy that treats texts of equal reward alike, from the worst level up; within a level in the prior's ratios. */
    double[] byLevel(LevelMass levelMass) {
        Integer[] order = new Integer[reward.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> reward[i] + 0.0)); // −0.0 and 0.0 tie
        double[] policy = new double[reward.length];
        double below = 0;
        for (int from = 0, to; from < order.length; from = to) {
            double mass = 0;
            for (to = from; to < order.length && reward[order[to]] == reward[order[from]]; to++) {
                mass += prior.probability(order[to]);
            }
            double share = levelMass.of(below, mass);
            for (int k = from; k < to; k++) {
                policy[order[k]] = mass > 0 ? share * prior.probability(order[k]) / mass : 0;
            }
            below += mass;
        }
        return policy;
    }
}
