package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Completions;
import dev.credence.methods.Conditioned;
import dev.credence.methods.MethodOption;
import dev.credence.methods.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * The frame of methods that select among texts and imitate what they keep. On a table imitation has a limit without any
 * training, and that is what is given unless training is asked for; on a model it is always trained.
 *
 * @param <S> the method
 */
interface ImitationMethod<S> extends TrainedConditioner, Scheduled<S> {
    /** Rounds of a plan without end, where they are trained. */
    int TRAINED_ENDLESSLY = 20;

    /** {@return how texts are imitated} */
    ImitationSettings imitation();

    /**
     * With other settings of the imitation.
     *
     * @param settings how texts are imitated
     * @return a changed copy
     */
    S imitating(ImitationSettings settings);

    /**
     * Which texts, how often.
     *
     * @param type what the reward is
     * @return rounds of selection
     */
    ImitationPlan plan(RewardType type);

    /**
     * Prior draws for one text that is kept.
     *
     * @param completions one prompt's
     * @return draws, where one round tells; else empty
     */
    default OptionalDouble draws(Completions completions) {
        return OptionalDouble.empty();
    }

    /** {@return a copy that trains by steps on drawn texts on a table too} */
    default S train() {
        return imitating(
                new ImitationSettings(true, imitation().pool(), imitation().schedule()));
    }

    /**
     * With so many texts drawn when a round begins.
     *
     * @param texts of each prompt, at least 1
     * @return a changed copy
     */
    default S pool(int texts) {
        return imitating(new ImitationSettings(
                imitation().train(), OptionalInt.of(texts), imitation().schedule()));
    }

    /** Of a table what is imitated has a closed form, in which an excluded text is one of the worst. */
    @Override
    default boolean needsFiniteRewards() {
        return imitation().train() || schedule().population();
    }

    @Override
    default Schedule schedule() {
        return imitation().schedule();
    }

    @Override
    default S scheduled(Schedule other) {
        return imitating(new ImitationSettings(imitation().train(), imitation().pool(), other));
    }

    @Override
    default Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        if (imitation().train() || schedule().population()) {
            return TrainedConditioner.super.condition(prior, asked, random);
        }
        ImitationPlan plan = plan(asked.rewardType());
        double[] draws = {0};
        boolean[] counted = {true};
        TableModel policy = prior.map((prompt, distribution) -> {
            Completions completions = Completions.of(prompt, distribution, asked);
            OptionalDouble cost = draws(completions);
            counted[0] &= cost.isPresent();
            draws[0] += prior.weight(prompt) * cost.orElse(0);
            return plan.exact(completions, card().name(), prompt);
        });
        Map<String, String> own = new LinkedHashMap<>(settings());
        Settings.of(ImitationSettings.class).options(imitation()).stream()
                .map(MethodOption::name)
                .forEach(own::remove);
        return new Conditioned(
                card().name(),
                own,
                aim(asked.rewardType()),
                policy,
                counted[0] ? OptionalDouble.of(draws[0]) : OptionalDouble.empty(),
                OptionalLong.empty());
    }

    /** The learning rate falls to 0 within each round. */
    @Override
    default TrainingSettings at(TrainingSettings.Place place) {
        TrainingSettings all = schedule().at(place);
        int rounds = ImitationTraining.rounds(this);
        Optimiser optimiser = all.optimiser();
        if (all.population() || rounds == 1 || optimiser.rule() == Optimiser.Rule.NATURAL) {
            return all;
        }
        int steps = ImitationTraining.stepsOfRound(all.steps(), rounds);
        LearningRate falling = LearningRate.cosine(optimiser.rate().at(0), 0, steps, 0);
        Optimiser again = new Optimiser(
                optimiser.rule(),
                step -> falling.at(Math.min(step % steps, steps - 1)),
                optimiser.beta1(),
                optimiser.beta2(),
                optimiser.epsilon(),
                optimiser.weightDecay(),
                optimiser.clip(),
                optimiser.average());
        return new TrainingSettings(all.steps(), all.samples(), again, false, all.seed());
    }

    @Override
    default Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        ImitationPlan plan = plan(task.rewardType());
        int rounds = ImitationTraining.rounds(this);
        if (settings.population()) {
            ImitationSource all = ImitationSource.enumerated(task, plan, task.everyCompletion());
            return new ImitationTraining(policy, task, all, rounds, settings);
        }
        int pool = imitation()
                .pool()
                .orElse(ImitationTraining.stepsOfRound(settings.steps(), rounds) * settings.samples());
        return new ImitationTraining(policy, task, ImitationSource.drawn(task, plan, pool), rounds, settings);
    }
}
