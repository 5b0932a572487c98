package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One prompt's completions with what is asked of them: log-likelihoods of the evidence, which a method calls rewards. */
public final class Completions {
    private static final int FEW_LEVELS = 8;

    private final Distribution prior;
    private final double[] reward; // (outcomes)

    private Completions(Distribution prior, double[] reward) {
        this.prior = prior;
        this.reward = reward;
    }

    /**
     * Asks a table's completions.
     *
     * @param prompt the prompt
     * @param prior its completions
     * @param asked the evidence
     * @return both
     * @throws NoPosteriorException if a reward is not below infinity
     */
    public static Completions of(String prompt, Distribution prior, Evidence asked) {
        double[] rewards = asked.logLikelihoods(prompt, prior);
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

    /** {@return (outcomes) the prior's probabilities} */
    public double[] priorMasses() {
        return prior.probabilities();
    }

    /** {@return (outcomes) the rewards} */
    public double[] rewards() {
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

    /**
     * A policy over the completions.
     *
     * @param weight (outcomes), ≥ 0
     * @param method that gave the weights, for the message
     * @param prompt the prompt, for the message
     * @return the weights divided by their sum
     * @throws NoPosteriorException if none is above 0
     */
    public Distribution policy(double[] weight, String method, String prompt) {
        double[] logWeight = new double[weight.length];
        double sum = 0;
        for (int i = 0; i < weight.length; i++) {
            logWeight[i] = Math.log(weight[i]);
            sum += weight[i];
        }
        if (sum == 0) {
            throw new NoPosteriorException(method + " accepts no text of the prior of prompt '" + prompt
                    + "', whose rewards " + levels() + ": there is nothing to condition on");
        }
        return Distribution.ofLogWeights(prior.outcomes(), logWeight);
    }

    /** The rewards that the prior allows, in words: each where they are few, else where they lie. */
    private String levels() {
        double[] levels = IntStream.range(0, reward.length)
                .filter(i -> prior.probability(i) > 0)
                .mapToDouble(i -> reward[i])
                .sorted()
                .distinct()
                .toArray();
        if (levels.length > FEW_LEVELS) {
            return "lie from " + FigureFormat.typed(levels[0]) + " to " + FigureFormat.typed(levels[levels.length - 1]);
        }
        return "are " + Arrays.stream(levels).mapToObj(FigureFormat::typed).collect(Collectors.joining(", "));
    }

    /** (outcomes) the prior's masses of those that pass. */
    double[] weigh(IntPredicate passes) {
        double[] weights = prior.probabilities();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = passes.test(i) ? weights[i] : 0;
        }
        return weights;
    }

    /** (outcomes) what a selection keeps, not normalised. */
    double[] kept(Selection selection) {
        return selection.select(reward, priorMasses());
    }
}
