package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * FeedME, or filtered fine-tuning (OpenAI 2022; Solaiman and Dennison 2021): maximum likelihood of the prior's texts that pass
 * a filter, argmin KL(prior given the filter‖policy). Idempotent: filtering again does not sharpen.
 *
 * @param threshold least reward that passes; empty for each prompt's largest
 * @param imitation how texts are imitated
 */
public record FeedMe(
        @Setting(help = "least reward that passes; without it each prompt's largest reward", unit = "reward")
        OptionalDouble threshold,

        ImitationSettings imitation)
        implements ImitationMethod<FeedMe> {
    /**
     * Checks the settings.
     *
     * @param threshold any number
     * @param imitation any
     */
    public FeedMe {
        Settings.check(FeedMe.class, threshold, imitation);
    }

    /** The largest reward alone passes. */
    public FeedMe() {
        this(OptionalDouble.empty(), ImitationSettings.STANDARD);
    }

    /**
     * With a filter.
     *
     * @param threshold least reward that passes
     * @return the method
     */
    public static FeedMe atLeast(double threshold) {
        return new FeedMe(OptionalDouble.of(threshold), ImitationSettings.STANDARD);
    }

    @Override
    public FeedMe imitating(ImitationSettings settings) {
        return new FeedMe(threshold, settings);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                        new FeedMe(),
                        "feedme",
                        "imitate the prior's texts whose reward passes a threshold",
                        "OpenAI 2022 (model index); docs/theory.md#imitation")
                .alias("filtered-sft");
    }

    @Override
    public Aim aim(RewardType type) {
        RewardLikelihood filter = threshold.isPresent()
                ? RewardLikelihood.atLeast(threshold.getAsDouble())
                : RewardLikelihood.tilt(Double.POSITIVE_INFINITY);
        return Aim.at(filter, Aim.FORWARD);
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return ImitationPlan.once(
                threshold.isPresent() ? Selection.atLeast(threshold.getAsDouble()) : Selection.best());
    }

    @Override
    public OptionalDouble draws(Completions completions) {
        double[] kept = plan(RewardType.SCORE).selection().select(completions.rewards(), completions.priorMasses());
        return OptionalDouble.of(1 / Arrays.stream(kept).sum());
    }
}
