package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;

/**
 * Distillation of the posterior: imitation of its texts, as distributional policy gradients (Parshakova, Andreoli and Dymetman
 * 2019) do it. The policy's own draws are weighed by posterior over policy, less the weight 1 that all have where it aims, so
 * that the noise of the gradient ends there. It descends KL(posterior‖policy), which counts what was missed.
 *
 * @param beta KL coefficient β; 1/β copies
 * @param schedule how long and how fast
 */
public record Distil(
        @Setting(help = "KL coefficient; 1/beta copies of the reward, above 0", range = Range.POSITIVE)
        double beta,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<Distil> {
    /**
     * Checks the settings.
     *
     * @param beta positive and finite
     * @param schedule any
     */
    public Distil {
        Settings.check(Distil.class, beta, schedule);
    }

    /** One copy. */
    public Distil() {
        this(1, Schedule.STANDARD);
    }

    /**
     * At a KL coefficient.
     *
     * @param beta β, positive and finite
     * @return the method
     */
    public static Distil atKl(double beta) {
        return new Distil(beta, Schedule.STANDARD);
    }

    @Override
    public Distil scheduled(Schedule other) {
        return new Distil(beta, other);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new Distil(),
                "distil",
                "imitate the posterior: the policy's draws, weighed by posterior over policy",
                "Parshakova, Andreoli and Dymetman 2019; Khalifa, Elsahar and Dymetman 2021; docs/theory.md#distillation");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.tilt(1 / beta), Aim.FORWARD);
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        return schedule.at(place);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        return new DistilTraining(
                policy,
                RolloutSource.of(task, settings),
                1 / beta,
                Pace.of(settings),
                LimitSearch.of(policy, task, settings, LimitSearch.Kind.EXPONENTIAL));
    }
}
