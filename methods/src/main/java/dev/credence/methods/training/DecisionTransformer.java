package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.RewardInterval;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A decision transformer asked for a reward: the prior on that level, or range. A level never seen is refused. What is imitated on
 * a model are the prior's texts of the reward that is asked; one model for all rewards, told by a token which, is trained by the
 * experiment of this name.
 *
 * @param level the reward asked for; empty for each prompt's largest
 * @param imitation how texts are imitated
 */
public record DecisionTransformer(
        @Setting(help = "reward asked for: V, or V..W for a range; without it each prompt's largest", unit = "reward")
        Optional<RewardInterval> level,

        ImitationSettings imitation)
        implements ImitationMethod<DecisionTransformer> {
    /**
     * Checks the settings.
     *
     * @param level any
     * @param imitation any
     */
    public DecisionTransformer {
        Settings.check(DecisionTransformer.class, level, imitation);
    }

    /** Asked for each prompt's largest reward. */
    public DecisionTransformer() {
        this(Optional.empty(), ImitationSettings.STANDARD);
    }

    /**
     * Asked for a reward.
     *
     * @param level the reward
     * @return the method
     */
    public static DecisionTransformer of(double level) {
        return between(level, level);
    }

    /**
     * Asked for a range of rewards.
     *
     * @param lowest the least, included
     * @param highest the largest, included
     * @return the method
     */
    public static DecisionTransformer between(double lowest, double highest) {
        return new DecisionTransformer(Optional.of(new RewardInterval(lowest, highest)), ImitationSettings.STANDARD);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new DecisionTransformer(),
                "decision-transformer",
                "condition on the text having a given reward",
                "Chen et al. 2021; docs/theory.md#return-conditioned");
    }

    @Override
    public Aim aim(RewardType type) {
        RewardLikelihood asked = level.map(range -> RewardLikelihood.range(range.lowest(), range.highest()))
                .orElseGet(() -> RewardLikelihood.tilt(Double.POSITIVE_INFINITY));
        return Aim.at(asked, Aim.FORWARD);
    }

    @Override
    public DecisionTransformer imitating(ImitationSettings settings) {
        return new DecisionTransformer(level, settings);
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return ImitationPlan.once(level.map(range -> Selection.within(range.lowest(), range.highest()))
                .orElseGet(Selection::best));
    }

    @Override
    public OptionalDouble draws(Completions completions) {
        double[] kept = plan(RewardType.SCORE).selection().select(completions.rewards(), completions.priorMasses());
        return OptionalDouble.of(1 / Arrays.stream(kept).sum());
    }
}
