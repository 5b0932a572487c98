package dev.credence.methods.training;

import dev.credence.core.evidence.RewardType;
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
 * @param encoder from texts to tokens, for methods that are given texts; else null
 * @param rewardType what the reward is
 */
public record TrainingTask(
        List<Prompt> prompts,
        Reward reward,
        int horizon,
        @Nullable Enumeration enumeration,
        @Nullable Encoder encoder,
        RewardType rewardType) {
    /**
     * Copies the prompts and makes their weights sum to one.
     *
     * @param prompts as above
     * @param reward as above
     * @param horizon as above
     * @param enumeration as above
     * @param encoder as above
     * @param rewardType as above
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
     * A task of methods that draw their own texts.
     *
     * @param prompts at least one
     * @param reward of drawn completions
     * @param horizon tokens after which texts are cut
     * @param enumeration every completion of a prompt, where they can be listed; else null
     */
    public TrainingTask(List<Prompt> prompts, Reward reward, int horizon, @Nullable Enumeration enumeration) {
        this(prompts, reward, horizon, enumeration, null);
    }

    /**
     * A task whose reward is of unknown scale.
     *
     * @param prompts at least one
     * @param reward of drawn completions
     * @param horizon tokens after which texts are cut
     * @param enumeration every completion of a prompt, where they can be listed; else null
     * @param encoder from texts to tokens; else null
     */
    public TrainingTask(
            List<Prompt> prompts,
            Reward reward,
            int horizon,
            @Nullable Enumeration enumeration,
            @Nullable Encoder encoder) {
        this(prompts, reward, horizon, enumeration, encoder, RewardType.SCORE);
    }

    /**
     * The same with a reward of a known type.
     *
     * @param type what the reward is
     * @return a changed copy
     */
    public TrainingTask of(RewardType type) {
        return new TrainingTask(prompts, reward, horizon, enumeration, encoder, type);
    }

    /** Lists every completion, or refuses. */
    Enumeration everyCompletion() {
        if (enumeration == null) {
            throw new IllegalArgumentException("the task lists no completions; expectations cannot be enumerated");
        }
        return enumeration;
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

    /** Turns texts into tokens. */
    @FunctionalInterface
    public interface Encoder {
        /**
         * The tokens of a completion.
         *
         * @param prompt the prompt
         * @param text what follows it, whole
         * @return its tokens, the end included where it lies within the horizon
         * @throws IllegalArgumentException saying why, if the policy cannot produce the text
         */
        int[] of(Prompt prompt, String text);
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
