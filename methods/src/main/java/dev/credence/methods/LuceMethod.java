package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** Curation by Luce's choice: of a pool of prior draws one is kept, with odds e^r. Large pools tend to the tilt at β = 1. */
public final class LuceMethod extends TableConditioner {
    private static final MethodOption N = new MethodOption("n", "8", "size of the pool");

    /** Without state. */
    public LuceMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "luce",
                "keep one of a pool of n draws with odds e^r; the reward is a logit",
                "Ferbach et al. 2024; docs/theory.md#reading-c",
                N,
                Options.ROUNDS);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.lucePool(options.count(N)).rounds(options.count(Options.ROUNDS)), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        return completions.kept(Selection.luce(options.count(N)).rounds(options.count(Options.ROUNDS)));
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(Math.pow(options.count(N), options.count(Options.ROUNDS)));
    }
}
