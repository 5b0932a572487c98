package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** PPO (Schulman et al. 2017) as RLHF uses it (Ouyang et al. 2022), with the batch mean or a value of each prompt for a value head: clipped ratios against
 * the policy that drew, several updates a batch. Clipping ties it to that policy, not to the prior. */
public final class PpoMethod extends PolicyGradientMethod {
    private static final MethodOption BASELINE = new MethodOption(
            "baseline",
            "batch",
            "taken off the return: batch (mean of all), or value (each prompt's, learned from earlier steps)");

    /** Without state. */
    public PpoMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "ppo",
                List.of(),
                "clipped ratios over several epochs, KL in the reward; a value of each prompt for a value head",
                "Schulman et al. 2017; Ouyang et al. 2022; docs/theory.md#without-a-penalty",
                List.of(BASELINE));
    }

    @Override
    Preset preset(MethodOptions options) {
        Surrogate.Baseline baseline = switch (options.text(BASELINE)) {
            case "batch" -> Surrogate.Baseline.BATCH_MEAN;
            case "value" -> Surrogate.Baseline.VALUE;
            default -> throw options.refuse(BASELINE, "it is batch or value");
        };
        return new Preset(
                baseline,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.TOKEN,
                0.2,
                Surrogate.Average.SUM,
                KlPlacement.REWARD_K1,
                4);
    }
}
