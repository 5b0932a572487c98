package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Preferences by the Bradley–Terry model of the reward: the first of two texts of the prior is preferred with probability
 * σ(r1 − r2). Drawn anew each time, or all pairs with their probabilities.
 */
final class PairSource {
    private final TrainingTask task;
    private final PredictiveModel reference;

    PairSource(TrainingTask task, PredictiveModel reference) {
        this.task = task;
        this.reference = reference;
    }

    /** So many texts a prompt, in pairs, those of all prompts drawn side by side. */
    Pairs drawn(int samplesPerPrompt, RandomGenerator random) {
        Builder builder = new Builder();
        int pairs = Math.max(1, samplesPerPrompt / 2);
        List<int[]> prompts =
                task.prompts().stream().map(TrainingTask.Prompt::ids).toList();
        List<List<Sample>> all = reference.sample(prompts, 2 * pairs, Sampling.upTo(task.horizon()), random);
        for (int c = 0; c < prompts.size(); c++) {
            TrainingTask.Prompt prompt = task.prompts().get(c);
            List<Sample> texts = all.get(c);
            double[] rewards = task.reward().of(prompt, texts);
            int from = builder.texts.size();
            for (Sample text : texts) {
                builder.add(prompt, text.tokens(), text.logProb(), prompt.weight() / texts.size());
            }
            for (int k = 0; k < pairs; k++) {
                boolean first = random.nextDouble() < chance(rewards[2 * k] - rewards[2 * k + 1]);
                int good = from + 2 * k + (first ? 0 : 1);
                int bad = from + 2 * k + (first ? 1 : 0);
                builder.prefer(good, bad, prompt.weight() / pairs);
            }
        }
        return builder.build();
    }

    /** All pairs, each way with its probability. */
    AllPairs enumerated(TrainingTask.Enumeration enumeration) {
        List<Continuation> texts = new ArrayList<>();
        List<double[]> logProbs = new ArrayList<>();
        List<double[]> rewards = new ArrayList<>();
        for (TrainingTask.Prompt prompt : task.prompts()) {
            List<Continuation> all = enumeration.of(prompt).stream()
                    .map(tokens -> new Continuation(prompt.ids(), tokens))
                    .toList();
            double[][] tokens = reference.logProbs(all);
            List<Sample> samples = new ArrayList<>();
            for (int i = 0; i < tokens.length; i++) {
                samples.add(new Sample(all.get(i).tokens(), tokens[i], tokens[i], true));
            }
            texts.addAll(all);
            rewards.add(task.reward().of(prompt, samples));
            logProbs.add(Arrays.stream(tokens).mapToDouble(Rollouts::sum).toArray());
        }
        double[] weights =
                task.prompts().stream().mapToDouble(TrainingTask.Prompt::weight).toArray();
        return new AllPairs(texts, weights, logProbs, rewards);
    }

    static double chance(double gap) {
        return 1 / (1 + Math.exp(-gap));
    }

    private static final class Builder {
        private final List<Continuation> texts = new ArrayList<>();
        private final List<int[]> pairs = new ArrayList<>();
        private final List<double[]> figures = new ArrayList<>(); // (texts) of log π0, share
        private final List<Double> weights = new ArrayList<>();

        void add(TrainingTask.Prompt prompt, int[] tokens, double logProb, double share) {
            texts.add(new Continuation(prompt.ids(), tokens));
            figures.add(new double[] {logProb, share});
        }

        void prefer(int good, int bad, double weight) {
            pairs.add(new int[] {good, bad});
            weights.add(weight);
        }

        Pairs build() {
            return new Pairs(
                    texts,
                    pairs.stream().mapToInt(pair -> pair[0]).toArray(),
                    pairs.stream().mapToInt(pair -> pair[1]).toArray(),
                    weights.stream().mapToDouble(Double::doubleValue).toArray(),
                    figures.stream().mapToDouble(row -> row[0]).toArray(),
                    figures.stream().mapToDouble(row -> row[1]).toArray());
        }
    }
}
