package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** Fine-tuning on the best share of the prior's own texts: in the limit the quantilizer, reached by imitation. */
public final class TopFractionMethod extends TableConditioner {
    /** Without state. */
    public TopFractionMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "top-fraction",
                "imitate the best share q of the prior's texts",
                "THEORY section 4, reward-conditioned",
                Options.Q);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.topQuantile(options.share(Options.Q)), Aim.FORWARD);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        return QuantilizerMethod.best(completions, options.share(Options.Q));
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(1 / options.share(Options.Q));
    }
}
