package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.training.TrainablePolicy;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Where the rollouts of a step come from: drawn from the policy as it is, or every text there is. A text that was drawn
 * several times is rewarded, scored and learned from once, with its draws as its measure.
 */
abstract class RolloutSource {
    private final TrainingTask task;

    RolloutSource(TrainingTask task) {
        this.task = task;
    }

    TrainingTask task() {
        return task;
    }

    abstract Rollouts next(TrainablePolicy policy, RandomGenerator random);

    /** Drawn or enumerated, as the settings say. */
    static RolloutSource of(TrainingTask task, TrainingSettings settings) {
        return settings.population() ? enumerated(task, task.everyCompletion()) : drawn(task, settings.samples());
    }

    /** Draws so many completions of each prompt. */
    static RolloutSource drawn(TrainingTask task, int samplesPerPrompt) {
        return drawn(task, samplesPerPrompt, policy -> policy);
    }

    /** Draws so many completions of each prompt from another model than the policy; its log-probabilities are those drawn. */
    static RolloutSource drawn(
            TrainingTask task, int samplesPerPrompt, Function<TrainablePolicy, PredictiveModel> proposal) {
        return new Drawn(task, samplesPerPrompt, proposal);
    }

    /** Lists every completion once, weighed by its probability. */
    static RolloutSource enumerated(TrainingTask task, TrainingTask.Enumeration enumeration) {
        return new Enumerated(task, enumeration);
    }

    private static final class Drawn extends RolloutSource {
        private final int samples;
        private final Function<TrainablePolicy, PredictiveModel> proposal;

        Drawn(TrainingTask task, int samples, Function<TrainablePolicy, PredictiveModel> proposal) {
            super(task);
            this.samples = samples;
            this.proposal = proposal;
        }

        @Override
        Rollouts next(TrainablePolicy policy, RandomGenerator random) {
            Builder builder = new Builder(samples * task().prompts().size());
            List<int[]> prompts =
                    task().prompts().stream().map(TrainingTask.Prompt::ids).toList();
            List<List<Sample>> all =
                    proposal.apply(policy).sample(prompts, samples, Sampling.upTo(task().horizon()), random);
            for (int c = 0; c < task().prompts().size(); c++) {
                TrainingTask.Prompt prompt = task().prompts().get(c);
                Map<IntBuffer, Integer> draws = new LinkedHashMap<>();
                List<Sample> texts = new ArrayList<>(); // each once, however often it was drawn
                for (Sample sample : all.get(c)) {
                    if (draws.merge(IntBuffer.wrap(sample.tokens()), 1, Integer::sum) == 1) {
                        texts.add(sample);
                    }
                }
                double[] rewards = task().reward().of(prompt, texts);
                int i = 0;
                for (int times : draws.values()) {
                    Sample text = texts.get(i);
                    double share = prompt.weight() * times / samples;
                    builder.add(c, new Continuation(prompt.ids(), text.tokens()), rewards[i++], share);
                    builder.drawn(times, text.logProbs());
                }
            }
            return builder.build(policy.reference().logProbs(builder.batch), false, policy.rounding());
        }
    }

    private static final class Enumerated extends RolloutSource {
        private final List<Continuation> all = new ArrayList<>();
        private final int[] prompt;
        private final double[] reward;
        private double[][] reference = {};

        Enumerated(TrainingTask task, TrainingTask.Enumeration enumeration) {
            super(task);
            List<Integer> owners = new ArrayList<>();
            List<Double> rewards = new ArrayList<>();
            for (int c = 0; c < task.prompts().size(); c++) {
                TrainingTask.Prompt prompt = task.prompts().get(c);
                List<Sample> samples = new ArrayList<>();
                for (int[] tokens : enumeration.of(prompt)) {
                    all.add(new Continuation(prompt.ids(), tokens));
                    owners.add(c);
                    double[] unknown = new double[tokens.length];
                    samples.add(new Sample(tokens, unknown, unknown, true));
                }
                Arrays.stream(task.reward().of(prompt, samples)).forEach(rewards::add);
            }
            this.prompt = owners.stream().mapToInt(Integer::intValue).toArray();
            this.reward = rewards.stream().mapToDouble(Double::doubleValue).toArray();
        }

        @Override
        Rollouts next(TrainablePolicy policy, RandomGenerator random) {
            if (reference.length == 0) {
                reference = policy.reference().logProbs(all);
            }
            double[][] own = policy.logProbs(all);
            Builder builder = new Builder(all.size());
            for (int i = 0; i < own.length; i++) {
                double weight = task().prompts().get(prompt[i]).weight();
                builder.add(prompt[i], all.get(i), reward[i], weight * Math.exp(Rollouts.sum(own[i])));
                builder.drawn(1, own[i]);
            }
            return builder.build(reference, true, policy.rounding());
        }
    }

    /** Columns, row by row. */
    private static final class Builder {
        private final List<Continuation> batch = new ArrayList<>();
        private final int[] prompt;
        private final double[] reward;
        private final double[] measure;
        private final int[] draws;
        private final double[] length;
        private final double[][] logProbs;
        private int rows;

        Builder(int size) {
            prompt = new int[size];
            reward = new double[size];
            measure = new double[size];
            draws = new int[size];
            length = new double[size];
            logProbs = new double[size][];
        }

        void add(int c, Continuation text, double r, double share) {
            batch.add(text);
            prompt[rows] = c;
            reward[rows] = r;
            measure[rows] = share;
            length[rows++] = Math.max(1, text.tokens().length);
        }

        void drawn(int times, double[] logProbsOfLast) {
            draws[rows - 1] = times;
            logProbs[rows - 1] = logProbsOfLast;
        }

        Rollouts build(double[][] reference, boolean enumerated, double rounding) {
            double[][] drawn = Arrays.copyOf(logProbs, rows);
            return new Rollouts(
                            batch,
                            Arrays.copyOf(prompt, rows),
                            Arrays.copyOf(reward, rows),
                            Arrays.copyOf(measure, rows),
                            Arrays.copyOf(draws, rows),
                            Arrays.copyOf(length, rows),
                            drawn,
                            drawn,
                            enumerated)
                    .against(reference, rounding);
        }
    }
}
