package dev.credence.methods.training;

import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.List;

/** GRPO as published (Shao et al. 2024): group standard deviation, mean over each text's tokens, clipped ratios, k3 in the loss.
 * It has a limit that is no posterior (docs/theory.md#standardised-rewards). */
public final class GrpoMethod extends PolicyGradientMethod {
    private static final MethodOption RATIO = new MethodOption(
            "ratio", "token", "importance ratios: token, or sequence (one a text, its mean over tokens)");

    /** Without state. */
    public GrpoMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "grpo",
                List.of(),
                "rewards standardised in each group, tokens averaged in each text, k3 in the loss",
                "Shao et al. 2024 (DeepSeekMath; beta 0.04); Zheng et al. 2025 for --ratio sequence; docs/theory.md#standardised-rewards",
                List.of(RATIO));
    }

    @Override
    Preset preset(MethodOptions options) {
        Surrogate.Ratio ratio = switch (options.text(RATIO)) {
            case "token" -> Surrogate.Ratio.TOKEN;
            case "sequence" -> Surrogate.Ratio.SEQUENCE;
            default -> throw options.refuse(RATIO, "it is token or sequence");
        };
        return new Preset(
                Surrogate.Baseline.GROUP_MEAN,
                Surrogate.Scale.GROUP_STD,
                ratio,
                0.2,
                Surrogate.Average.PER_SEQUENCE,
                KlPlacement.LOSS_K3,
                1);
    }
}
