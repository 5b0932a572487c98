package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;

/**
 * Learning one observation O: ascends log p(O) = log E_π p(O|x) by whole steps of expectation–maximisation (Dempster, Laird
 * and Rubin 1977), which are unit natural-gradient steps and multiply π(x) by p(O|x)/p(O). n of them are n copies of O
 * (docs/theory.md#observed-data). Ordinary gradient steps on the same loss are no number of copies.
 *
 * @param copies how often O is learned
 * @param imitation how texts are imitated
 */
public record Observation(
        @Setting(
                help = "how often O is learned; the reward is its log-probability given the text (or probability, with"
                        + " {reward-type} probability)",
                unit = "copies",
                range = Range.COUNT)
        int copies,

        ImitationSettings imitation)
        implements ImitationMethod<Observation> {
    /**
     * Checks the settings.
     *
     * @param copies at least 1
     * @param imitation any
     */
    public Observation {
        Settings.check(Observation.class, copies, imitation);
    }

    /** Learned once. */
    public Observation() {
        this(1, ImitationSettings.STANDARD);
    }

    /**
     * Learned so often.
     *
     * @param copies at least 1
     * @return the method
     */
    public static Observation of(int copies) {
        return new Observation(copies, ImitationSettings.STANDARD);
    }

    @Override
    public Observation imitating(ImitationSettings settings) {
        return new Observation(copies, settings);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Observation(),
                "observation",
                "learn an observation whose log-probability given a text is the reward, by whole EM steps, each a copy",
                "Dempster, Laird and Rubin 1977; docs/theory.md#observed-data");
    }

    @Override
    public Aim aim(RewardType type) {
        RewardLikelihood evidence =
                type == RewardType.PROBABILITY ? RewardLikelihood.copies(copies) : RewardLikelihood.tilt(copies);
        return Aim.at(evidence, Aim.FORWARD);
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return new ImitationPlan(Selection.softly(type, 1), copies, 0);
    }
}
