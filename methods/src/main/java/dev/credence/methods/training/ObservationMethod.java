package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Selection;

/**
 * Learning one observation O: ascends log p(O) = log E_π p(O|x) by whole steps of expectation–maximisation (Dempster, Laird
 * and Rubin 1977), which are unit natural-gradient steps and multiply π(x) by p(O|x)/p(O). n of them are n copies of O
 * (docs/theory.md#observed-data). Ordinary gradient steps on the same loss are no number of copies.
 */
public final class ObservationMethod extends ImitationMethod {
    private static final MethodOption COPIES = new MethodOption(
            "copies",
            "1",
            "how often O is learned; the reward is its log-probability given the text (or probability, with"
                    + " --reward-type probability)");

    /** Without state. */
    public ObservationMethod() {}

    @Override
    MethodCard own() {
        return MethodCard.of(
                "observation",
                "learn an observation whose log-probability given a text is the reward, by whole EM steps, each a copy",
                "Dempster, Laird and Rubin 1977; docs/theory.md#observed-data",
                COPIES);
    }

    @Override
    public Aim aim(MethodOptions options) {
        int copies = options.count(COPIES);
        RewardLikelihood evidence = options.rewardType() == RewardType.PROBABILITY
                ? RewardLikelihood.copies(copies)
                : RewardLikelihood.tilt(copies);
        return Aim.at(evidence, Aim.FORWARD);
    }

    @Override
    ImitationPlan plan(MethodOptions options) {
        return new ImitationPlan(Selection.softly(options.rewardType(), 1), options.count(COPIES), 0);
    }
}
