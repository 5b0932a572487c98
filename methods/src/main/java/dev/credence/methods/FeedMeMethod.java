package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.OptionalDouble;

/** FeedME: fine-tuning on the texts that pass a filter. Idempotent: filtering again does not sharpen. */
public final class FeedMeMethod extends TableConditioner {
    private static final MethodOption THRESHOLD =
            new MethodOption("threshold", "", "least reward that passes; without it each prompt's largest reward");

    /** Without state. */
    public FeedMeMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "feedme",
                "imitate the prior's texts whose reward passes a threshold",
                "THEORY section 4, filtered SFT",
                THRESHOLD);
    }

    @Override
    public Aim aim(MethodOptions options) {
        RewardLikelihood filter = options.optionalNumber(THRESHOLD).isPresent()
                ? RewardLikelihood.atLeast(options.number(THRESHOLD))
                : RewardLikelihood.tilt(Double.POSITIVE_INFINITY);
        return Aim.at(filter, Aim.FORWARD);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double threshold = options.optionalNumber(THRESHOLD).orElse(completions.best());
        double[] policy = completions.priorMasses();
        for (int i = 0; i < policy.length; i++) {
            policy[i] = completions.reward(i) >= threshold ? policy[i] : 0;
        }
        return policy;
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        double accepted = 0;
        for (double mass : policy(completions, options)) {
            accepted += mass;
        }
        return OptionalDouble.of(1 / accepted);
    }
}
