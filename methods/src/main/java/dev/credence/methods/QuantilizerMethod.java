package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** The quantilizer: the prior on its best share q by reward, the level at the edge in part (Taylor 2016). */
public final class QuantilizerMethod extends TableConditioner {
    /** Without state. */
    public QuantilizerMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "quantilizer",
                "draw from the best share q of the prior; no cost can grow by more than 1/q",
                "Taylor 2016; docs/theory.md#quantilizer",
                Options.Q,
                Options.ROUNDS);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(
                RewardLikelihood.topQuantile(options.share(Options.Q)).rounds(options.count(Options.ROUNDS)),
                Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        return completions.kept(Selection.bestShare(options.share(Options.Q)).rounds(options.count(Options.ROUNDS)));
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(Math.pow(options.share(Options.Q), -options.count(Options.ROUNDS)));
    }
}
