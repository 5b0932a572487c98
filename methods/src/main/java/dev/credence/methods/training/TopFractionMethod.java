package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.methods.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Selection;
import java.util.OptionalDouble;

/** Fine-tuning on the best share of the prior's own texts (RAFT's one round, Dong et al. 2023): in the limit the quantilizer. */
public final class TopFractionMethod extends ImitationMethod {
    private static final MethodOption Q =
            new MethodOption("q", "0.25", "share of the prior's mass to keep, best rewards first");

    /** Without state. */
    public TopFractionMethod() {}

    @Override
    MethodCard own() {
        return MethodCard.of(
                "top-fraction",
                "imitate the best share q of the prior's texts",
                "Dong et al. 2023; docs/theory.md#quantilizer",
                Q);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.topQuantile(options.share(Q)), Aim.FORWARD);
    }

    @Override
    ImitationPlan plan(MethodOptions options) {
        return ImitationPlan.once(Selection.bestShare(options.share(Q)));
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(1 / options.share(Q));
    }
}
