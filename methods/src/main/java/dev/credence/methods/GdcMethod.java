package dev.credence.methods;

import dev.credence.core.posterior.MeanReward;
import dev.credence.core.posterior.MomentConstraints;

/** Generation with distributional control: the nearest distribution to the prior whose mean reward is given. */
public final class GdcMethod extends TableConditioner {
    private static final MethodOption MOMENT = new MethodOption("moment", "", "give the mean reward that is wanted");

    /** Without state. */
    public GdcMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "gdc",
                "meet a mean reward at the least KL from the prior",
                "Khalifa, Elsahar and Dymetman 2021; docs/theory.md#moment-constraints",
                MOMENT);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(new MeanReward(options.number(MOMENT)), Aim.FORWARD);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        return MomentConstraints.meet(completions.distribution(), new double[][] {completions.rewards()}, new double[] {
                    options.number(MOMENT)
                })
                .posterior()
                .probabilities();
    }
}
