package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** REINFORCE (Williams 1992): the score function times the return less a baseline. */
public final class ReinforceMethod extends PolicyGradientMethod {
    private static final MethodOption BASELINE = new MethodOption(
            "baseline", "batch", "taken off the return: none, batch (mean of all), group (mean of the prompt's)");

    /** Without state. */
    public ReinforceMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "reinforce",
                List.of(),
                "policy gradient by the score function, with a choice of baselines",
                "Williams 1992; docs/theory.md#policy-gradients",
                List.of(BASELINE));
    }

    @Override
    Preset preset(MethodOptions options) {
        return switch (options.text(BASELINE)) {
            case "none" -> onPolicy(Surrogate.Baseline.NONE, KlPlacement.REWARD_K1);
            case "batch" -> onPolicy(Surrogate.Baseline.BATCH_MEAN, KlPlacement.REWARD_K1);
            case "group" -> onPolicy(Surrogate.Baseline.GROUP_MEAN, KlPlacement.REWARD_K1);
            default -> throw options.refuse(BASELINE, "it is none, batch or group");
        };
    }
}
