package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** GRPO done right (Liu et al. 2025): neither the group's standard deviation nor the text's length divides; no KL unless asked. */
public final class DrGrpoMethod extends PolicyGradientMethod {
    /** Without state. */
    public DrGrpoMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "dr-grpo",
                List.of(),
                "GRPO without the standard deviation and without the length average, no penalty",
                "Liu et al. 2025; docs/theory.md#policy-gradients",
                List.of());
    }

    @Override
    Preset preset(MethodOptions options) {
        return new Preset(
                Surrogate.Baseline.GROUP_MEAN,
                Surrogate.Scale.NONE,
                Surrogate.Ratio.TOKEN,
                0.2,
                Surrogate.Average.CONSTANT,
                KlPlacement.NONE,
                1);
    }
}
