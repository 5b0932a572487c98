package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/** All texts over a, b and an end, up to three tokens, with a random prior and random rewards; gradients by each prefix's logits. */
final class RandomTexts {
    static final int HORIZON = 3;

    final List<int[]> texts = new ArrayList<>();
    final double[] reward;
    private final List<double[]> prior = new ArrayList<>(); // log-probabilities of the tokens

    RandomTexts(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        grow(new int[0], new double[0], random);
        reward = new double[texts.size()];
        Arrays.setAll(reward, i -> 2 * random.nextGaussian());
    }

    private void grow(int[] prefix, double[] logProbs, RandomGenerator random) {
        double[] next = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
        double sum = LogMath.logSumExp(next);
        for (int v = 0; v < 3; v++) {
            int[] tokens = Arrays.copyOf(prefix, prefix.length + 1);
            double[] scores = Arrays.copyOf(logProbs, prefix.length + 1);
            tokens[prefix.length] = v;
            scores[prefix.length] = next[v] - sum;
            if (v == 2 || tokens.length == HORIZON) {
                texts.add(tokens);
                prior.add(scores);
            } else {
                grow(tokens, scores, random);
            }
        }
    }

    /** (n) nats. */
    double[] logPrior() {
        return prior.stream().mapToDouble(Rollouts::sum).toArray();
    }

    /** All texts, each with its probability under a policy (n) as its measure. */
    Rollouts rollouts(double[] logPolicy) {
        Map<String, Double> behind = new HashMap<>(); // prefix to log mass
        for (int i = 0; i < logPolicy.length; i++) {
            for (int t = 0; t <= texts.get(i).length; t++) {
                behind.merge(prefix(i, t), logPolicy[i], LogMath::logAddExp);
            }
        }
        List<Continuation> batch = new ArrayList<>();
        double[][] own = new double[logPolicy.length][];
        double[] lengths = new double[logPolicy.length];
        for (int i = 0; i < own.length; i++) {
            batch.add(new Continuation(new int[] {0}, texts.get(i)));
            own[i] = new double[texts.get(i).length];
            lengths[i] = own[i].length;
            for (int t = 0; t < own[i].length; t++) {
                own[i][t] = behind.getOrDefault(prefix(i, t + 1), Double.NaN)
                        - behind.getOrDefault(prefix(i, t), Double.NaN);
            }
        }
        double[] measure = Arrays.stream(logPolicy).map(Math::exp).toArray();
        int[] once = new int[own.length];
        Arrays.fill(once, 1);
        return new Rollouts(
                batch, new int[own.length], reward, measure, once, lengths, own, prior.toArray(new double[0][]), true);
    }

    /** A derivative by the logit of each next token, prefix to value, of weights (n) (tokens) of the log-probabilities. */
    Map<String, Double> gradient(Rollouts rollouts, double[][] weights) {
        Map<String, Double> sums = new HashMap<>(); // of weights of the tokens behind
        Map<String, Double> gradient = new HashMap<>();
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < weights.length; i++) {
            for (int t = 0; t < weights[i].length; t++) {
                sums.merge(prefix(i, t), weights[i][t], Double::sum);
                gradient.merge(prefix(i, t + 1), weights[i][t], Double::sum);
                shares.put(prefix(i, t + 1), Math.exp(rollouts.drawnLogProbs()[i][t]));
            }
        }
        gradient.replaceAll((prefix, own) -> own
                - shares.getOrDefault(prefix, Double.NaN)
                        * sums.getOrDefault(prefix.substring(0, prefix.length() - 1), 0.0));
        return gradient;
    }

    /** (n) (tokens) of the state before each token. */
    double[][] ofStates(BiFunction<Integer, Integer, Double> value) {
        double[][] all = new double[texts.size()][];
        for (int i = 0; i < all.length; i++) {
            all[i] = new double[texts.get(i).length];
            for (int t = 0; t < all[i].length; t++) {
                all[i][t] = value.apply(i, t);
            }
        }
        return all;
    }

    String prefix(int i, int length) {
        StringBuilder prefix = new StringBuilder();
        for (int t = 0; t < length; t++) {
            prefix.append((char) ('a' + texts.get(i)[t]));
        }
        return prefix.toString();
    }
}
