package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** DAPO (Yu et al. 2025): ratios clipped higher above than below, mean over all tokens of the batch, no KL unless asked. Groups of
 * equal rewards have no advantage and so no weight. */
public final class DapoMethod extends PolicyGradientMethod {
    /** Without state. */
    public DapoMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "dapo",
                List.of(),
                "GRPO with a wider upper clip and a mean over all tokens, no penalty",
                "Yu et al. 2025; docs/theory.md#standardised-rewards",
                List.of());
    }

    @Override
    Preset preset(MethodOptions options) {
        return new Preset(
                Surrogate.Baseline.GROUP_MEAN,
                Surrogate.Scale.GROUP_STD,
                Surrogate.Ratio.TOKEN,
                0.28,
                Surrogate.Average.PER_TOKEN,
                KlPlacement.NONE,
                1);
    }
}
