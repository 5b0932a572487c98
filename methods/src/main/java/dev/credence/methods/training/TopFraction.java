package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.OptionalDouble;

/**
 * Fine-tuning on the best share of the prior's own texts (RAFT's one round, Dong et al. 2023): in the limit the quantilizer.
 *
 * @param q share of the prior's mass to keep, best rewards first
 * @param imitation how texts are imitated
 */
public record TopFraction(
        @Setting(help = "share of the prior's mass to keep, best rewards first", range = Range.SHARE)
        double q,

        ImitationSettings imitation)
        implements ImitationMethod<TopFraction> {
    /**
     * Checks the settings.
     *
     * @param q in (0, 1]
     * @param imitation any
     */
    public TopFraction {
        Settings.check(TopFraction.class, q, imitation);
    }

    /** The best quarter. */
    public TopFraction() {
        this(0.25, ImitationSettings.STANDARD);
    }

    /**
     * The best share.
     *
     * @param q in (0, 1]
     * @return the method
     */
    public static TopFraction of(double q) {
        return new TopFraction(q, ImitationSettings.STANDARD);
    }

    @Override
    public TopFraction imitating(ImitationSettings settings) {
        return new TopFraction(q, settings);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new TopFraction(),
                "top-fraction",
                "imitate the best share q of the prior's texts",
                "Dong et al. 2023; docs/theory.md#quantilizer");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.topQuantile(q), Aim.FORWARD);
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return ImitationPlan.once(Selection.bestShare(q));
    }

    @Override
    public OptionalDouble draws(Completions completions) {
        return OptionalDouble.of(1 / q);
    }
}
