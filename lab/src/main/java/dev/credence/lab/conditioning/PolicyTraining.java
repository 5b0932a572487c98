package dev.credence.lab.conditioning;

import dev.credence.core.training.ResumableRandom;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.hub.HubModel;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingLimits;
import dev.credence.methods.training.TrainingRun;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingStep;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.training.ProcessGroup;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Tunes a copy of an open model by a method. */
public final class PolicyTraining {
    private final OpenModel prior;
    private final SharedRewards rewards;
    private final TrainingTask task;

    /**
     * A task on a model.
     *
     * @param prior the model, which stays as it is
     * @param prompts prompt to weight
     * @param begin whether prompts get the begin token
     * @param reward of the texts
     * @param horizon tokens after which texts are cut
     */
    public PolicyTraining(
            OpenModel prior, Map<String, Double> prompts, BeginToken begin, RewardExpression reward, int horizon) {
        this.prior = prior;
        List<TrainingTask.Prompt> all = new ArrayList<>();
        prompts.forEach((text, weight) -> all.add(new TrainingTask.Prompt(text, prior.prompt(text, begin), weight)));
        HubModel texts = prior.texts();
        this.rewards = new SharedRewards(texts, reward);
        this.task =
                new TrainingTask(all, rewards, horizon, null, (prompt, text) -> tokens(texts, prompt, text, horizon));
    }

    /** A text that is longer than the horizon is cut there, and does not end. */
    private static int[] tokens(HubModel texts, TrainingTask.Prompt prompt, String text, int horizon) {
        int[] whole = texts.continuation(prompt.ids(), text, true).tokens();
        return Arrays.copyOf(whole, Math.min(whole.length, horizon));
    }

    /** {@return what is trained on} */
    public TrainingTask task() {
        return task;
    }

    /**
     * A tuned policy.
     *
     * @param policy the policy; closed with this
     * @param last the last step taken
     * @param seconds of training
     */
    public record Tuned(TransformerPolicy policy, TrainingStep last, double seconds) implements AutoCloseable {
        @Override
        public void close() {
            policy.close();
        }
    }

    /**
     * A training that has taken no step.
     *
     * @param method its name
     * @param policy what it tunes; closed with this
     * @param run its loop
     * @param random of all its draws
     * @param steps it takes at most
     * @param prompts (C) token ids of each prompt
     * @param sharing puts it into a group of processes that each have begun the same, and restored the same
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Work(
            String method,
            TransformerPolicy policy,
            TrainingRun run,
            ResumableRandom random,
            int steps,
            List<int[]> prompts,
            Sharing sharing)
            implements AutoCloseable {
        @Override
        public void close() {
            policy.close();
        }
    }

    /** How a training joins others that take the same steps. */
    @FunctionalInterface
    public interface Sharing {
        /**
         * Takes steps together from now on: texts are drawn and scored, and gradients computed, by all; rewards are the first's.
         *
         * @param group the processes
         * @throws IOException if they do not hold the same policy
         */
        void with(ProcessGroup group) throws IOException;
    }

    /**
     * The limits that are no option's: those of texts of so many tokens.
     *
     * @return horizon times log of the vocabulary, and the standard share of effective samples
     */
    public TrainingLimits standardLimits() {
        return TrainingLimits.ofTexts(
                task.horizon(), prior.transformer().vocabulary().size());
    }

    /**
     * Sets a method to work on a copy of the model.
     *
     * @param method the method
     * @param options its options
     * @param settings how long and how fast
     * @param limits past which it has diverged
     * @return the training; the caller closes it, before the prior
     */
    public Work begin(
            TrainedConditioner method, MethodOptions options, TrainingSettings settings, TrainingLimits limits) {
        TransformerPolicy policy = TransformerPolicy.of(prior.transformer(), Trainable.all(), settings.optimiser());
        try {
            Training training = method.begin(policy, task, options, settings);
            return new Work(
                    method.card().name(),
                    policy,
                    new TrainingRun(training, settings.steps(), method.stopAtKl(options), limits),
                    new ResumableRandom(settings.seed()),
                    settings.steps(),
                    task.prompts().stream().map(TrainingTask.Prompt::ids).toList(),
                    group -> {
                        policy.workTogether(group);
                        rewards.together(group);
                    });
        } catch (RuntimeException e) {
            policy.close();
            throw e;
        }
    }

    /**
     * Trains without a run's folder.
     *
     * @param method the method
     * @param options its options
     * @param settings how long and how fast
     * @param progress takes a line at the end
     * @return the policy; the caller closes it, before the prior
     * @throws dev.credence.methods.training.TrainingDivergedException if it diverges
     */
    public Tuned run(
            TrainedConditioner method, MethodOptions options, TrainingSettings settings, Consumer<String> progress) {
        Work work = begin(method, options, settings, standardLimits());
        try {
            long start = System.nanoTime();
            TrainingRun.Outcome outcome = work.run().run(work.random(), step -> {});
            double seconds = (System.nanoTime() - start) / 1e9;
            progress.accept(work.method() + ": " + outcome.why() + String.format(Locale.ROOT, " (%.1f s)", seconds));
            return new Tuned(work.policy(), outcome.last(), seconds);
        } catch (RuntimeException e) {
            work.close();
            throw e;
        }
    }
}
