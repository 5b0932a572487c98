package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** Rejection: a prior draw is accepted with probability e^{(r − r_max)/β}. Exact for any reward with a known bound. */
public final class RejectionMethod extends TableConditioner {
    /** Without state. */
    public RejectionMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "rejection",
                "draw until accepted, with probability e^((r - r_max)/beta)",
                "docs/theory.md#rejection",
                Options.BETA);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.tilt(options.copies(Options.BETA)), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double[] policy = new double[completions.size()];
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.prior(i) * acceptance(completions, i, options);
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        double accepted = 0;
        for (double joint : policy(completions, options)) {
            accepted += joint;
        }
        return OptionalDouble.of(1 / accepted);
    }

    /** At β = 0 the largest reward alone is accepted. */
    static double acceptance(Completions completions, int i, MethodOptions options) {
        double gap = completions.reward(i) - completions.best();
        return gap == 0 ? 1 : Math.exp(options.copies(Options.BETA) * gap);
    }
}
