package dev.credence.methods.training;

import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How long and how fast a method is asked to train. What is not said is the standard of the place: tables are small and exact.
 *
 * @param steps of training; empty for 2,000 on a table, 300 on a model, and, on enumerated texts, up to the limit
 * @param samples completions of each prompt a step
 * @param rate learning rate, which falls to 0 along a cosine; empty for the standard of place and rule
 * @param optimiser how gradients become steps; empty for natural on enumerated texts, else adamw
 * @param population whether expectations are enumerated instead of sampled
 * @param seed of all draws, where the generator is made from it
 */
public record Schedule(
        @Setting(
                help = "steps of training; with {population} at most, up to the limit",
                unit = "steps",
                range = Range.COUNT)
        OptionalInt steps,

        @Setting(help = "completions of each prompt a step", unit = "texts", range = Range.COUNT)
        int samples,

        @Setting(
                name = "lr",
                help =
                        "learning rate; falls to 0 along a cosine, except with natural (standard: 0.05 on a table, 0.001 on a"
                                + " model, 0.1 with natural)",
                range = Range.NOT_NEGATIVE)
        OptionalDouble rate,

        @Setting(help = "adam, adamw, sgd or natural (tables only; standard: natural with {population}, else adamw)")
        Optional<Optimiser.Rule> optimiser,

        @Setting(help = "expectations enumerated instead of sampled, run to the limit (tables)")
        boolean population,

        @Setting(help = "seed of all draws") long seed) {
    /** 64 completions of each prompt a step; all else as the place has it. */
    public static final Schedule STANDARD =
            new Schedule(OptionalInt.empty(), 64, OptionalDouble.empty(), Optional.empty(), false, 0);

    private static final int POPULATION_STEPS = 200_000;
    private static final int NATURAL_STEPS = 20_000;
    private static final int TABLE_STEPS = 2000;
    private static final int MODEL_STEPS = 300;

    /**
     * Checks the settings.
     *
     * @param steps at least 1
     * @param samples at least 1
     * @param rate finite, at least 0
     * @param optimiser any
     * @param population any
     * @param seed any
     */
    public Schedule {
        Settings.check(Schedule.class, steps, samples, rate, optimiser, population, seed);
    }

    /** A copy in which one component is another. */
    Schedule with(String component, Object value) {
        return Settings.of(Schedule.class).with(this, component, value);
    }

    /**
     * What is in force at a place.
     *
     * @param place where the policy lives
     * @return the settings
     * @throws InputException if the place cannot do what is asked
     */
    public TrainingSettings at(TrainingSettings.Place place) {
        return at(place, 1, ReferenceReset.NEVER);
    }

    /** The same of a method that takes so many steps of the optimiser in each of its own, maybe in stages. */
    TrainingSettings at(TrainingSettings.Place place, int updates, ReferenceReset resets) {
        boolean table = place == TrainingSettings.Place.TABLE;
        if (population && !table) {
            throw InputException.ofSetting(
                    "population", "true", "a model's texts are too many to enumerate at each step; it is for tables");
        }
        Optimiser.Rule rule = optimiser.orElse(population ? Optimiser.Rule.NATURAL : Optimiser.Rule.ADAMW);
        int toTheLimit = rule == Optimiser.Rule.NATURAL ? NATURAL_STEPS : POPULATION_STEPS;
        int taken = steps.orElse(population ? toTheLimit : table ? TABLE_STEPS : MODEL_STEPS);
        if (rule == Optimiser.Rule.NATURAL && !table) {
            throw InputException.ofSetting("optimiser", "natural", "the natural gradient is for tables");
        }
        double peak = rate.orElse(rule == Optimiser.Rule.NATURAL ? 0.1 : table ? 0.05 : 0.001);
        LearningRate falling = resets.falling(peak, taken, updates);
        Optimiser made = switch (rule) {
            case NATURAL -> Optimiser.natural(LearningRate.constant(peak));
            case SGD -> Optimiser.sgd(population ? LearningRate.constant(peak) : falling);
            case ADAMW -> Optimiser.adamW(falling);
            case ADAM -> new Optimiser(Optimiser.Rule.ADAM, falling, 0.9, 0.999, 1e-8, 0, Double.POSITIVE_INFINITY, 0);
        };
        return new TrainingSettings(taken, samples, made, population, seed);
    }
}
