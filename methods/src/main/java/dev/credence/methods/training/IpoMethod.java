package dev.credence.methods.training;

import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;

/** IPO (Azar et al. 2024): squares instead of DPO's logistic loss. Over all pairs of the prior it ends at the posterior of another
 * reward: how often a text beats the prior's. */
public final class IpoMethod extends PreferenceMethod {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "its tau: 1/beta copies of the win rate against the prior");

    /** Without state. */
    public IpoMethod() {}

    @Override
    MethodCard own() {
        return MethodCard.of(
                "ipo",
                "regress log-ratio gaps of preferred and other on 1/(2 beta); cannot run away where preferences are certain",
                "Azar et al. 2024; docs/theory.md#preferences",
                BETA);
    }

    @Override
    Aim aim(double beta) {
        return Aim.at(new WinRate(1 / beta), "squared error of the log-ratio gaps, over pairs of the prior");
    }

    @Override
    PreferenceLoss loss(double beta) {
        return PreferenceLoss.ipo(beta);
    }
}
