package dev.credence.methods.training;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Completions;
import dev.credence.methods.Conditioned;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The frame of methods that select among texts and imitate what they keep. On a table imitation has a limit without any
 * training, and that is what is given unless training is asked for; on a model it is always trained.
 */
abstract class ImitationMethod extends TrainedConditioner {
    private static final MethodOption TRAIN = new MethodOption(
            "train", "false", "on a table too by steps on drawn texts, instead of the limit of imitation");
    private static final MethodOption POOL = new MethodOption(
            "pool", "", "texts of each prompt drawn when a round begins; without it as many as its steps take");
    private static final int TRAINED_ENDLESSLY = 20;

    /** Name, aliases, summary, source, and options beyond those of training. */
    abstract MethodCard own();

    /** Which texts, how often. */
    abstract ImitationPlan plan(MethodOptions options);

    /** Prior draws for one text that is kept, where one round tells; else empty. */
    OptionalDouble draws(Completions completions, MethodOptions options) {
        return OptionalDouble.empty();
    }

    @Override
    public final MethodCard card() {
        MethodCard own = own();
        List<MethodOption> options = new ArrayList<>(own.options());
        options.addAll(List.of(TRAIN, POOL));
        options.addAll(TrainingSettings.OPTIONS);
        return new MethodCard(own.name(), own.aliases(), own.summary(), own.reference(), options);
    }

    @Override
    public final Conditioned condition(TableModel prior, RewardFunction reward, MethodOptions options) {
        if (options.flag(TRAIN) || options.flag(TrainingSettings.POPULATION)) {
            return super.condition(prior, reward, options);
        }
        ImitationPlan plan = plan(options);
        double[] draws = {0};
        boolean[] counted = {true};
        TableModel policy = prior.map((prompt, distribution) -> {
            Completions completions = Completions.of(prompt, distribution, reward);
            OptionalDouble cost = draws(completions, options);
            counted[0] &= cost.isPresent();
            draws[0] += prior.weight(prompt) * cost.orElse(0);
            return plan.exact(completions, card().name(), prompt);
        });
        return new Conditioned(
                card().name(),
                options.inForce(own().options()),
                aim(options),
                policy,
                counted[0] ? OptionalDouble.of(draws[0]) : OptionalDouble.empty(),
                OptionalLong.empty());
    }

    /** The learning rate falls to 0 within each round. */
    @Override
    public final TrainingSettings settings(MethodOptions options, TrainingSettings.Place place) {
        TrainingSettings all = TrainingSettings.of(options, place);
        int rounds = rounds(options);
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

    private int rounds(MethodOptions options) {
        int rounds = plan(options).rounds();
        boolean population = options.flag(TrainingSettings.POPULATION);
        return rounds == ImitationPlan.ENDLESS && !population ? TRAINED_ENDLESSLY : rounds;
    }

    @Override
    public final Training begin(
            TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        ImitationPlan plan = plan(options);
        int rounds = rounds(options);
        if (settings.population()) {
            ImitationSource all = ImitationSource.enumerated(task, plan, enumeration(task));
            return new ImitationTraining(policy, task, all, rounds, settings);
        }
        int pool = options.has(POOL.name())
                ? options.count(POOL)
                : ImitationTraining.stepsOfRound(settings.steps(), rounds) * settings.samples();
        return new ImitationTraining(policy, task, ImitationSource.drawn(task, plan, pool), rounds, settings);
    }
}
