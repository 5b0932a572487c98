package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** Best-of-n with its true probabilities: F^n − F₋^n for each level of reward, ties in the prior's ratios. */
public final class BestOfNMethod extends TableConditioner {
    private static final MethodOption N = new MethodOption("n", "4", "prior draws of which the best is kept");

    /** Without state. */
    public BestOfNMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "best-of-n",
                "keep the best of n draws by reward; n to the power of rounds draws in all",
                "Beirami et al. 2024; docs/theory.md#best-of-n",
                N,
                Options.ROUNDS);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.beats(options.count(N)).rounds(options.count(Options.ROUNDS)), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        return completions.kept(Selection.bestOf(options.count(N)).rounds(options.count(Options.ROUNDS)));
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(Math.pow(options.count(N), options.count(Options.ROUNDS)));
    }
}
