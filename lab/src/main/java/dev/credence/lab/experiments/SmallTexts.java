package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Every text that a small transformer can write behind a prompt, of no world: tokens 1 to some number, ended by token 0 or cut at a horizon. In
 * the order of their lengths, then of their tokens.
 *
 * @param words tokens but for the end
 * @param horizon tokens after which a text is cut
 */
record SmallTexts(int words, int horizon) {
    /** How many texts there are; more than an int holds is −1. */
    static int count(int words, int horizon) {
        long sum = 0;
        long own = 1;
        for (int length = 0; length <= horizon; length++) {
            sum += own;
            own *= words;
            if (sum > Integer.MAX_VALUE || own > Integer.MAX_VALUE) {
                return -1;
            }
        }
        return (int) sum;
    }

    int size() {
        return count(words, horizon);
    }

    /** (texts) their tokens, without the end. */
    List<int[]> all() {
        List<int[]> all = new ArrayList<>();
        List<int[]> longest = List.of(new int[0]);
        all.add(longest.get(0));
        for (int length = 1; length <= horizon; length++) {
            List<int[]> longer = new ArrayList<>();
            for (int[] text : longest) {
                for (int word = 1; word <= words; word++) {
                    int[] more = Arrays.copyOf(text, length);
                    more[length - 1] = word;
                    longer.add(more);
                }
            }
            all.addAll(longer);
            longest = longer;
        }
        return all;
    }

    /** The place of a text, told by its tokens without the end. */
    int index(int[] tokens) {
        int index = 0;
        for (int token : tokens) {
            index = index * words + token - 1;
        }
        return tokens.length == 0 ? 0 : count(words, tokens.length - 1) + index;
    }

    int index(Sample sample) {
        int[] tokens = sample.tokens();
        return index(sample.finished() ? Arrays.copyOf(tokens, tokens.length - 1) : tokens);
    }

    /** (texts) log-probabilities behind a prompt, nats; they are all that a model can write. */
    double[] logProbs(PredictiveModel model, int[] prompt) {
        return SmallTransformer.logProbs(
                model,
                all().stream()
                        .map(text -> new Continuation(
                                prompt, text.length < horizon ? Arrays.copyOf(text, text.length + 1) : text))
                        .toList());
    }

    /**
     * How a policy is trained.
     *
     * @param method its name
     * @param beta KL coefficient
     * @param steps of AdamW
     * @param samples texts a prompt and step
     * @param rate the highest learning rate; it rises over a tenth of the steps, then falls to 0 along half a cosine
     */
    record Rl(String method, double beta, int steps, int samples, double rate) {}

    /**
     * Trains a copy of a prior on rewards of all texts.
     *
     * @param prior the reference
     * @param rewards by prompt, (texts); logits
     * @param rl how
     * @param seed of the draws
     * @param listener may stop it
     * @return the policy; the caller closes it, before the prior
     */
    TransformerPolicy trained(
            Transformer prior, Map<TrainingTask.Prompt, double[]> rewards, Rl rl, long seed, Listener listener) {
        Optimiser optimiser = Optimiser.adamW(LearningRate.cosine(rl.rate, rl.steps / 10, rl.steps, 0));
        TrainingSettings how = new TrainingSettings(rl.steps, rl.samples, optimiser, false, seed);
        MethodOptions options = MethodOptions.none()
                .with("beta", rl.beta)
                .with("steps", rl.steps)
                .with("samples", rl.samples);
        Map<String, double[]> byText = new LinkedHashMap<>();
        rewards.forEach((prompt, values) -> byText.put(prompt.text(), values));
        TrainingTask task = new TrainingTask(
                        List.copyOf(rewards.keySet()),
                        (prompt, drawn) -> drawn.stream()
                                .mapToDouble(sample -> Objects.requireNonNull(byText.get(prompt.text()))[index(sample)])
                                .toArray(),
                        horizon,
                        null)
                .of(RewardType.LOGIT);
        TransformerPolicy policy = TransformerPolicy.of(prior, Trainable.all(), optimiser);
        try {
            Training run = ((TrainedConditioner) Methods.byName(rl.method)).begin(policy, task, options, how);
            SmallTransformer.tune(run, rl.steps, seed, listener);
        } catch (RuntimeException e) {
            policy.close();
            throw e;
        }
        return policy;
    }

    /** (texts) scores behind a prompt, read at the last token before the end. */
    double[] scores(Transformer scorer, int[] prompt) {
        List<int[]> all = new ArrayList<>();
        for (int[] text : all()) {
            int[] whole = Arrays.copyOf(prompt, prompt.length + text.length);
            System.arraycopy(text, 0, whole, prompt.length, text.length);
            all.add(whole);
        }
        return scorer.scores(all);
    }
}
