package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Distillation of the posterior: imitation of its texts, as distributional policy gradients (Parshakova, Andreoli and Dymetman
 * 2019) do it. The policy's own draws are weighed by posterior over policy, less the weight 1 that all have where it aims, so
 * that the noise of the gradient ends there. It descends KL(posterior‖policy), which counts what was missed.
 */
public final class DistilMethod extends TrainedConditioner {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "KL coefficient; 1/beta copies of the reward, above 0");

    /** Without state. */
    public DistilMethod() {}

    @Override
    public MethodCard card() {
        List<MethodOption> options = new ArrayList<>(List.of(BETA));
        options.addAll(TrainingSettings.OPTIONS);
        return new MethodCard(
                "distil",
                List.of(),
                "imitate the posterior: the policy's draws, weighed by posterior over policy",
                "Parshakova, Andreoli and Dymetman 2019; Khalifa, Elsahar and Dymetman 2021; docs/theory.md#distillation",
                options);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.at(RewardLikelihood.tilt(1 / options.positive(BETA)), Aim.FORWARD);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        return new DistilTraining(policy, source(task, settings), 1 / options.positive(BETA), Pace.of(settings));
    }
}
