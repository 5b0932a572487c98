package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A table's prompts and rewards as a task for a {@link TabularPolicy}. */
public final class TableTasks {
    private TableTasks() {}

    /**
     * The task.
     *
     * @param prior the table
     * @param asked the evidence, whose log-likelihood is the reward
     * @return prompts by position, completions by position
     * @throws NoPosteriorException if a reward is not finite
     */
    public static TrainingTask of(TableModel prior, Evidence asked) {
        List<TrainingTask.Prompt> prompts = new ArrayList<>();
        Map<String, double[]> rewards = new HashMap<>();
        Map<String, List<int[]>> all = new HashMap<>();
        for (String prompt : prior.prompts()) {
            Distribution distribution = prior.given(prompt);
            double[] values = asked.logLikelihoods(prompt, distribution);
            for (int i = 0; i < values.length; i++) {
                if (!(Math.abs(values[i]) < Double.POSITIVE_INFINITY)) {
                    throw new NoPosteriorException("reward of '" + distribution.outcome(i) + "' (prompt '" + prompt
                            + "') is " + values[i] + "; a method that trains needs finite rewards");
                }
            }
            rewards.put(prompt, values);
            all.put(
                    prompt,
                    IntStream.range(0, values.length)
                            .filter(i -> distribution.probability(i) > 0)
                            .mapToObj(i -> new int[] {i})
                            .toList());
            prompts.add(new TrainingTask.Prompt(prompt, TabularPolicy.ids(prompts.size()), prior.weight(prompt)));
        }
        return new TrainingTask(
                prompts,
                (prompt, completions) -> completions.stream()
                        .mapToDouble(sample -> rewards.getOrDefault(prompt.text(), new double[0])[sample.tokens()[0]])
                        .toArray(),
                1,
                prompt -> all.getOrDefault(prompt.text(), List.of()),
                (prompt, text) -> token(prior.given(prompt.text()), text),
                asked.rewardType());
    }

    /**
     * The task of a reward of unknown scale.
     *
     * @param prior the table
     * @param reward its reward
     * @return prompts by position, completions by position
     * @throws NoPosteriorException if a reward is not finite
     */
    public static TrainingTask of(TableModel prior, RewardFunction reward) {
        return of(prior, Evidence.reward(reward).times(1));
    }

    private static int[] token(Distribution distribution, String text) {
        int i = distribution.indexOf(text);
        if (!(i >= 0 && distribution.probability(i) > 0)) {
            throw new IllegalArgumentException("the prior has no such text");
        }
        return new int[] {i};
    }
}
