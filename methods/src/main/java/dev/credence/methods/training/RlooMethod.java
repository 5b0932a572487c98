package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** REINFORCE with the mean of the other draws as baseline (Kool et al. 2019; Ahmadian et al. 2024), KL summed in the reward:
 * at the posterior every advantage is zero, so that the noise of the gradient ends where it aims. */
public final class RlooMethod extends PolicyGradientMethod {
    /** Without state. */
    public RlooMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "rloo",
                List.of(),
                "policy gradient with a leave-one-out baseline and the sequence KL in the reward",
                "Kool, van Hoof and Welling 2019; Ahmadian et al. 2024; docs/theory.md#policy-gradients",
                List.of());
    }

    @Override
    Preset preset(MethodOptions options) {
        return onPolicy(Surrogate.Baseline.LEAVE_ONE_OUT, KlPlacement.REWARD_K1);
    }
}
