package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TiltedFamily;
import java.util.List;

/** The exact posterior of KL-penalised RL, π0 e^{r/β}/Z (Korbak, Perez and Buckley 2022). */
public final class TiltMethod extends TableConditioner {
    /** Without state. */
    public TiltMethod() {}

    @Override
    public MethodCard card() {
        return new MethodCard(
                "tilt",
                List.of("posterior"),
                "the exact optimum of E r - beta KL(policy, prior), by enumeration",
                "Korbak, Perez and Buckley 2022; docs/theory.md#conditioning-on-a-reward",
                List.of(Options.BETA));
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.tilt(options.copies(Options.BETA)), Aim.REVERSE);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double[] policy = TiltedFamily.of(completions.distribution(), completions.rewards())
                .logPosterior(options.copies(Options.BETA));
        for (int i = 0; i < policy.length; i++) {
            policy[i] = Math.exp(policy[i]);
        }
        return policy;
    }
}
