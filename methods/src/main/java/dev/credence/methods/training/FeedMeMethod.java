package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.methods.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Selection;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * FeedME, or filtered fine-tuning (OpenAI 2022; Solaiman and Dennison 2021): maximum likelihood of the prior's texts that pass
 * a filter, argmin KL(prior given the filter‖policy). Idempotent: filtering again does not sharpen.
 */
public final class FeedMeMethod extends ImitationMethod {
    private static final MethodOption THRESHOLD =
            new MethodOption("threshold", "", "least reward that passes; without it each prompt's largest reward");

    /** Without state. */
    public FeedMeMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "feedme",
                List.of("filtered-sft"),
                "imitate the prior's texts whose reward passes a threshold",
                "OpenAI 2022 (model index); docs/theory.md#imitation",
                List.of(THRESHOLD));
    }

    @Override
    public Aim aim(MethodOptions options) {
        RewardLikelihood filter = options.optionalNumber(THRESHOLD).isPresent()
                ? RewardLikelihood.atLeast(options.number(THRESHOLD))
                : RewardLikelihood.tilt(Double.POSITIVE_INFINITY);
        return Aim.at(filter, Aim.FORWARD);
    }

    @Override
    ImitationPlan plan(MethodOptions options) {
        OptionalDouble threshold = options.optionalNumber(THRESHOLD);
        return ImitationPlan.once(
                threshold.isPresent() ? Selection.atLeast(threshold.getAsDouble()) : Selection.best());
    }

    @Override
    OptionalDouble draws(Completions completions, MethodOptions options) {
        double[] kept = plan(options).selection().select(completions.rewards(), completions.priorMasses());
        return OptionalDouble.of(1 / Arrays.stream(kept).sum());
    }
}
