package dev.credence.methods.training;

import dev.credence.core.model.Sample;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy is trained on: prompts, a reward, how long texts may be.
 *
 * @param prompts at least one
 * @param reward of drawn completions
 * @param horizon tokens after which texts are cut
 * @param enumeration every completion of a prompt, where they can be listed; else null
 */
public record TrainingTask(
        List<Prompt> prompts,
        Reward reward,
        int horizon,
        @Nullable Enumeration enumeration) {
    /**
     * Copies the prompts and makes their weights sum to one.
     *
     * @param prompts as above
     * @param reward as above
     * @param horizon as above
     * @param enumeration as above
     * @throws IllegalArgumentException if there is no prompt or the horizon is not positive
     */
    public TrainingTask {
        if (prompts.isEmpty() || !(horizon > 0)) {
            throw new IllegalArgumentException("there are " + prompts.size() + " prompts and the horizon is " + horizon
                    + "; both must be at least 1");
        }
        double sum = prompts.stream().mapToDouble(Prompt::weight).sum();
        prompts = prompts.stream()
                .map(prompt -> new Prompt(prompt.text(), prompt.ids(), prompt.weight() / sum))
                .toList();
    }

    /**
     * One prompt.
     *
     * @param text as people read it
     * @param ids its tokens, at least one
     * @param weight its share
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Prompt(String text, int[] ids, double weight) {}

    /** The reward of completions. */
    @FunctionalInterface
    public interface Reward {
        /**
         * Rewards a batch of one prompt's completions.
         *
         * @param prompt the prompt
         * @param completions as drawn
         * @return (n), finite
         */
        double[] of(Prompt prompt, List<Sample> completions);
    }

    /** Lists what a prompt may be completed with. */
    @FunctionalInterface
    public interface Enumeration {
        /**
         * Every completion.
         *
         * @param prompt the prompt
         * @return token ids of each
         */
        List<int[]> of(Prompt prompt);
    }
}
