package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** PPO (Schulman et al. 2017) as RLHF uses it (Ouyang et al. 2022), with the batch mean for a value head: clipped ratios against
 * the policy that drew, several updates a batch. Clipping ties it to that policy, not to the prior. */
public final class PpoMethod extends PolicyGradientMethod {
    /** Without state. */
    public PpoMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "ppo",
                List.of(),
                "clipped ratios over several epochs, batch-mean baseline, KL in the reward; no value head",
                "Schulman et al. 2017; Ouyang et al. 2022; THEORY section 4",
                List.of());
    }

    @Override
    Preset preset(MethodOptions options) {
        return new Preset(
                Surrogate.Baseline.BATCH_MEAN,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.TOKEN,
                0.2,
                Surrogate.Average.SUM,
                KlPlacement.REWARD_K1,
                4);
    }
}
