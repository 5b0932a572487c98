package dev.credence.methods.training;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * A conditioner that trains a policy: on a table its own logits, elsewhere whatever {@link TrainablePolicy} it is given.
 */
public abstract class TrainedConditioner implements Conditioner {
    /** Without state. */
    protected TrainedConditioner() {}

    /**
     * Sets a policy to work.
     *
     * @param policy starts as the prior
     * @param task what it is trained on
     * @param options as given
     * @param settings how long and how fast
     * @return the training, no step taken
     * @throws dev.credence.core.provenance.InputException if an option breaks its rule
     */
    public abstract Training begin(
            TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings);

    /**
     * How long and how fast it trains.
     *
     * @param options as given
     * @param place where the policy lives
     * @return the settings
     */
    public TrainingSettings settings(MethodOptions options, TrainingSettings.Place place) {
        return TrainingSettings.of(options, place);
    }

    /**
     * The KL at which a run stops.
     *
     * @param options as given
     * @return nats; ∞ without such a stop
     */
    public double stopAtKl(MethodOptions options) {
        return Double.POSITIVE_INFINITY;
    }

    @Override
    public Conditioned condition(TableModel prior, RewardFunction reward, MethodOptions options) {
        TrainingSettings settings = settings(options, TrainingSettings.Place.TABLE);
        try (TabularPolicy policy = new TabularPolicy(prior, settings.optimiser())) {
            Training training = begin(policy, TableTasks.of(prior, reward), options, settings);
            TrainingRun run = new TrainingRun(training, settings.steps(), stopAtKl(options));
            TrainingRun.Outcome outcome = run.run(new SplittableRandom(settings.seed()), step -> {});
            return new Conditioned(
                    card().name(),
                    options.inForce(card().options()),
                    aim(options),
                    policy.table(),
                    OptionalDouble.empty(),
                    OptionalLong.of(outcome.last().modelCalls()));
        }
    }

    /**
     * Where a run shows that it has diverged.
     *
     * @param standard what holds for methods that stay near the prior
     * @return the limits of this one
     */
    public TrainingLimits limits(TrainingLimits standard) {
        return standard;
    }

    /** Drawn or enumerated, as the settings say. */
    static RolloutSource source(TrainingTask task, TrainingSettings settings) {
        if (!settings.population()) {
            return RolloutSource.drawn(task, settings.samples());
        }
        return RolloutSource.enumerated(task, enumeration(task));
    }

    static TrainingTask.Enumeration enumeration(TrainingTask task) {
        TrainingTask.Enumeration enumeration = task.enumeration();
        if (enumeration == null) {
            throw new IllegalArgumentException("the task lists no completions; expectations cannot be enumerated");
        }
        return enumeration;
    }
}
