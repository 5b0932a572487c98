package dev.credence.methods.training;

import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;

/** KTO (Ethayarajh et al. 2024), its data the halves of pairs: desirable if preferred. Its value function saturates, so that no
 * reward makes it a posterior. */
public final class KtoMethod extends PreferenceMethod {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "implicit KL coefficient, the steepness of its value function");

    /** Without state. */
    public KtoMethod() {}

    @Override
    MethodCard own() {
        return MethodCard.of(
                "kto",
                "raise what was preferred above the mean KL, lower what was not, with saturation; from single texts",
                "Ethayarajh et al. 2024; docs/theory.md#preferences",
                BETA);
    }

    @Override
    Aim aim(double beta) {
        return Aim.atNoPosterior(
                "texts that win more than half of their pairs, beta = " + PolicyGradientMethod.number(beta),
                "minus the mean of a saturating value of log(policy/prior)",
                "texts that lose more than half are driven out without end, and gains saturate for the others: no reward's"
                        + " posterior does that");
    }

    @Override
    PreferenceLoss loss(double beta) {
        return PreferenceLoss.kto(beta);
    }
}
