package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.Selection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Where a round of imitation takes its texts from. */
@FunctionalInterface
interface ImitationSource {
    /** Drawn at once; more go in several calls. */
    int DRAWN_AT_ONCE = 2048;

    /**
     * The texts of a round that begins.
     *
     * @param policy as the round finds it
     * @param random source of randomness
     * @return what to imitate
     */
    Imitated next(TrainablePolicy policy, RandomGenerator random);

    /** Adds what it keeps from round to round to a state; most keep nothing. */
    default void save(SavedState state) {}

    /** What a state has of it, as an action that cannot fail. */
    default Runnable restore(SavedState state) throws IOException {
        return () -> {};
    }

    /**
     * What a selection keeps of the policy's own draws, and of the prior's.
     *
     * @param task prompts and reward
     * @param plan what is kept
     * @param pool draws of each prompt
     * @return the source
     */
    static ImitationSource drawn(TrainingTask task, ImitationPlan plan, int pool) {
        return (policy, random) -> {
            Imitated.Builder builder = new Imitated.Builder();
            int ofPrior = (int) Math.round(plan.priorShare() * pool);
            for (int c = 0; c < task.prompts().size(); c++) {
                TrainingTask.Prompt prompt = task.prompts().get(c);
                addSelected(task, plan, c, draw(policy, task, prompt, pool - ofPrior, random), builder);
                for (Sample sample : draw(policy.reference(), task, prompt, ofPrior, random)) {
                    double reward = task.reward().of(prompt, List.of(sample))[0];
                    builder.add(
                            c, new Continuation(prompt.ids(), sample.tokens()), reward, plan.priorShare() / ofPrior);
                }
            }
            return builder.build((long) pool * task.prompts().size());
        };
    }

    private static void addSelected(
            TrainingTask task, ImitationPlan plan, int c, List<Sample> drawn, Imitated.Builder builder) {
        TrainingTask.Prompt prompt = task.prompts().get(c);
        double[] rewards = task.reward().of(prompt, drawn);
        double[] kept = keptOf(plan.selection(), rewards, prompt);
        for (int i = 0; i < kept.length; i++) {
            Continuation text = new Continuation(prompt.ids(), drawn.get(i).tokens());
            builder.add(c, text, rewards[i], (1 - plan.priorShare()) * kept[i]);
        }
    }

    /** (draws) shares of what a selection keeps of draws that all count alike; they sum to one. */
    static double[] keptOf(Selection selection, double[] rewards, TrainingTask.Prompt prompt) {
        double[] mass = new double[rewards.length];
        Arrays.fill(mass, 1.0 / mass.length);
        double[] kept = Selection.normalised(selection.select(rewards, mass));
        if (Arrays.stream(kept).sum() == 0) {
            throw new NoPosteriorException("none of " + rewards.length + " texts drawn for prompt '" + prompt.text()
                    + "' is kept: the evidence is impossible under the policy, or too rare for this pool");
        }
        return kept;
    }

    static List<Sample> draw(
            PredictiveModel model, TrainingTask task, TrainingTask.Prompt prompt, int n, RandomGenerator random) {
        List<Sample> drawn = new ArrayList<>(n);
        while (drawn.size() < n) {
            int now = Math.min(DRAWN_AT_ONCE, n - drawn.size());
            drawn.addAll(model.sample(prompt.ids(), now, Sampling.upTo(task.horizon()), random));
        }
        return drawn;
    }

    /**
     * The same by enumeration.
     *
     * @param task prompts and reward
     * @param plan what is kept
     * @param enumeration every text
     * @return the source
     */
    static ImitationSource enumerated(TrainingTask task, ImitationPlan plan, TrainingTask.Enumeration enumeration) {
        RolloutSource all = RolloutSource.enumerated(task, enumeration);
        return (policy, random) -> {
            Rollouts rollouts = all.next(policy, random);
            Imitated.Builder builder = new Imitated.Builder();
            for (int c = 0; c < task.prompts().size(); c++) {
                int[] rows = rows(rollouts, c);
                double[] mass = new double[rows.length];
                double[] prior = new double[rows.length];
                double[] reward = new double[rows.length];
                for (int k = 0; k < rows.length; k++) {
                    mass[k] = Math.exp(Rollouts.sum(rollouts.drawnLogProbs()[rows[k]]));
                    prior[k] = Math.exp(Rollouts.sum(rollouts.referenceLogProbs()[rows[k]]));
                    reward[k] = rollouts.reward()[rows[k]];
                }
                double[] next = plan.next(prior, reward, Selection.normalised(mass));
                if (Arrays.stream(next).sum() == 0) {
                    throw new NoPosteriorException("no text of prompt '"
                            + task.prompts().get(c).text() + "' is kept: there is nothing to condition on");
                }
                for (int k = 0; k < rows.length; k++) {
                    builder.add(c, rollouts.batch().get(rows[k]), reward[k], next[k]);
                }
            }
            return builder.build(rollouts.size());
        };
    }

    static int[] rows(Rollouts rollouts, int prompt) {
        int[] rows = new int[rollouts.size()];
        int n = 0;
        for (int i = 0; i < rows.length; i++) {
            if (rollouts.prompt()[i] == prompt) {
                rows[n++] = i;
            }
        }
        return Arrays.copyOf(rows, n);
    }

    /**
     * Demonstrations, each as often as it was given.
     *
     * @param task prompts and encoder
     * @param demonstrations of some of the prompts
     * @return the source
     * @throws dev.credence.core.provenance.InputException if one is for no prompt of the task, or cannot be encoded
     * @throws IllegalArgumentException if the task encodes no texts
     */
    static ImitationSource demonstrated(TrainingTask task, Demonstrations demonstrations) {
        TrainingTask.Encoder encoder = task.encoder();
        if (encoder == null) {
            throw new IllegalArgumentException("the task encodes no texts; demonstrations cannot be imitated");
        }
        List<String> prompts =
                task.prompts().stream().map(TrainingTask.Prompt::text).toList();
        Imitated.Builder builder = new Imitated.Builder();
        for (Map.Entry<String, List<Demonstrations.One>> own :
                demonstrations.byPrompt(prompts).entrySet()) {
            int c = prompts.indexOf(own.getKey());
            TrainingTask.Prompt prompt = task.prompts().get(c);
            for (Demonstrations.One one : own.getValue()) {
                int[] tokens;
                try {
                    tokens = encoder.of(prompt, one.text());
                } catch (IllegalArgumentException e) {
                    throw demonstrations.refuse(one, "completion", one.text(), String.valueOf(e.getMessage()));
                }
                double share = 1.0 / own.getValue().size();
                builder.add(c, new Continuation(prompt.ids(), tokens), Double.NaN, share);
            }
        }
        Imitated all = builder.build(0);
        return (policy, random) -> all;
    }
}
