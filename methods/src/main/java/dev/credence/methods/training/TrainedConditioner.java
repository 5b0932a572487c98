package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.TrainingEnd;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A conditioner that trains a policy: on a table its own logits, elsewhere whatever {@link TrainablePolicy} it is given.
 */
public interface TrainedConditioner extends Conditioner.OnTables {
    /**
     * Sets a policy to work.
     *
     * @param policy starts as the prior
     * @param task what it is trained on
     * @param settings how long and how fast
     * @return the training, no step taken
     * @throws dev.credence.core.provenance.InputException if a setting without default is missing
     */
    Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings);

    /**
     * How long and how fast it trains.
     *
     * @param place where the policy lives
     * @return the settings
     * @throws dev.credence.core.provenance.InputException if the place cannot do what is asked
     */
    TrainingSettings at(TrainingSettings.Place place);

    /** {@return where it ends on texts of several tokens, if it is known and no posterior; else empty} */
    default Optional<TokenLimit> tokenLimit() {
        return Optional.empty();
    }

    /** {@return whether it learns from the log-likelihoods of texts, so that none may be excluded} */
    default boolean needsFiniteRewards() {
        return true;
    }

    /** {@return the KL at which a run stops, nats; ∞ without such a stop} */
    default double stopAtKl() {
        return Double.POSITIVE_INFINITY;
    }

    @Override
    default RandomGenerator random() {
        return new SplittableRandom(at(TrainingSettings.Place.TABLE).seed());
    }

    @Override
    default Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        TrainingSettings settings = at(TrainingSettings.Place.TABLE);
        try (TabularPolicy policy = new TabularPolicy(prior, settings.optimiser())) {
            Training training = begin(policy, TableTasks.of(prior, asked), settings);
            TrainingRun.Outcome outcome =
                    new TrainingRun(training, settings.steps(), stopAtKl()).run(random, step -> {});
            Aim aim = aim(asked.rewardType());
            TableModel reached = policy.table();
            return new Conditioned(
                    card().name(),
                    settings(),
                    aim,
                    reached,
                    OptionalDouble.empty(),
                    OptionalLong.of(outcome.last().modelCalls()),
                    end(
                            outcome,
                            settings.population(),
                            settings.population() ? offLimit(aim, prior, asked, reached) : OptionalDouble.empty()));
        }
    }

    private static TrainingEnd end(TrainingRun.Outcome outcome, boolean toLimit, OptionalDouble off) {
        if (!toLimit) {
            return outcome.end();
        }
        boolean there = off.isPresent() ? off.getAsDouble() <= TrainingEnd.REACHED : outcome.arrived();
        return new TrainingEnd(outcome.why(), true, there, off, outcome.last().gradientNorm(), outcome.equalGroups());
    }

    /** Total variation from what the method states as its limit, of the prompt where it is largest; empty where none is stated. */
    private static OptionalDouble offLimit(Aim aim, TableModel prior, Evidence asked, TableModel policy) {
        if (!aim.hasLimit()) {
            return OptionalDouble.empty();
        }
        TableModel limit = aim.limit(prior, asked);
        return prior.prompts().stream()
                .mapToDouble(prompt -> Divergences.totalVariation(policy.given(prompt), limit.given(prompt)))
                .map(off -> Double.isNaN(off) ? 1 : off)
                .max();
    }

    /**
     * Where a run shows that it has diverged.
     *
     * @param standard what holds for methods that stay near the prior
     * @return the limits of this one
     */
    default TrainingLimits limits(TrainingLimits standard) {
        return standard;
    }

    /**
     * Sets a policy to work, with settings of the method from text.
     *
     * @param policy starts as the prior
     * @param task what it is trained on
     * @param given as typed
     * @param settings how long and how fast
     * @return the training, no step taken
     */
    default Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions given, TrainingSettings settings) {
        return ((TrainedConditioner) with(given)).begin(policy, task.of(given.rewardType()), settings);
    }

    /**
     * How long and how fast it trains with settings from text.
     *
     * @param given as typed
     * @param place where the policy lives
     * @return the settings
     */
    default TrainingSettings settings(MethodOptions given, TrainingSettings.Place place) {
        return ((TrainedConditioner) with(given)).at(place);
    }

    /**
     * The KL at which a run stops, with settings from text.
     *
     * @param given as typed
     * @return nats; ∞ without such a stop
     */
    default double stopAtKl(MethodOptions given) {
        return ((TrainedConditioner) with(given)).stopAtKl();
    }
}
