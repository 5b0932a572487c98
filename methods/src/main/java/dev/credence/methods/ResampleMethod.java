package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Importance resampling, also called soft best-of-n: of a pool of n prior draws one is kept, with odds e^(r/β). The posterior
 * of 1/β copies is its limit as n grows; what a finite pool gives is known exactly, and is what the aim states.
 */
public final class ResampleMethod extends TableConditioner {
    private static final MethodOption N = new MethodOption("n", "64", "size of the pool");

    /** Without state. */
    public ResampleMethod() {}

    @Override
    public MethodCard card() {
        return new MethodCard(
                "resample",
                List.of("soft-best-of-n", "importance-resampling"),
                "importance resampling, or soft best-of-n: keep one of n draws with odds e^(r/beta)",
                "Rubin 1987; Verdun et al. 2025; docs/theory.md#resampling",
                List.of(N, Options.BETA));
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(pool(options), Aim.EXACT);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double[] policy = pool(options).logLikelihoods(completions.rewards(), completions.priorMasses());
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.prior(i) * Math.exp(policy[i]);
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.of(options.count(N));
    }

    private static RewardLikelihood pool(MethodOptions options) {
        return RewardLikelihood.softBestOf(options.count(N), options.copies(Options.BETA));
    }
}
