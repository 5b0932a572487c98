package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;

/** DPO (Rafailov et al. 2023): maximum likelihood of preferences with β log π/π0 as the reward. With preferences of all texts drawn by
 * Bradley–Terry it ends at the posterior of that reward; preferences without noise would send it to infinity. */
public final class DpoMethod extends PreferenceMethod {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "implicit KL coefficient: 1/beta copies of the reward");

    /** Without state. */
    public DpoMethod() {}

    @Override
    MethodCard own() {
        return MethodCard.of(
                "dpo",
                "fit preferences between texts of the prior; the reward is a Bradley-Terry logit. Its implicit reward beta log(policy/prior) fits any policy, so audit it against the reward itself",
                "Rafailov et al. 2023; docs/theory.md#preferences",
                BETA);
    }

    @Override
    Aim aim(double beta) {
        return Aim.at(
                RewardLikelihood.tilt(1 / beta),
                "KL(preferences‖those of the implicit reward), over pairs of the prior");
    }

    @Override
    PreferenceLoss loss(double beta) {
        return PreferenceLoss.dpo(beta);
    }
}
