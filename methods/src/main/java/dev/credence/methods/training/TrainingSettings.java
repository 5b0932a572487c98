package dev.credence.methods.training;

import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.List;

/**
 * How long and how fast a method trains, as given or by the standards of the place: tables are small and exact.
 *
 * @param steps at most
 * @param samples completions of a prompt a step
 * @param optimiser how gradients become steps
 * @param population whether expectations are enumerated
 * @param seed of all draws
 */
public record TrainingSettings(int steps, int samples, Optimiser optimiser, boolean population, long seed) {
    static final MethodOption STEPS =
            new MethodOption("steps", "", "steps of training; with --population at most, up to the limit");
    static final MethodOption SAMPLES = new MethodOption("samples", "64", "completions of each prompt a step");
    static final MethodOption RATE = new MethodOption(
            "lr",
            "",
            "learning rate; falls to 0 along a cosine, except with natural (standard: 0.05 on a table, 0.001 on a"
                    + " model, 0.1 with natural)");
    static final MethodOption RULE = new MethodOption(
            "optimiser",
            "",
            "adam, adamw, sgd or natural (tables only; standard: natural with --population, else adamw)");
    static final MethodOption POPULATION = new MethodOption(
            "population", "false", "expectations enumerated instead of sampled, run to the limit (tables)");
    static final MethodOption SEED = new MethodOption("seed", "0", "seed of all draws");

    /** All of them, for a method's card. */
    static final List<MethodOption> OPTIONS = List.of(STEPS, SAMPLES, RATE, RULE, POPULATION, SEED);

    private static final int POPULATION_STEPS = 200_000;
    private static final int TABLE_STEPS = 2000;
    private static final int MODEL_STEPS = 300;

    /** Where a policy lives. */
    public enum Place {
        /** A {@link TabularPolicy}. */
        TABLE,
        /** A model with parameters. */
        MODEL
    }

    /**
     * Reads the options.
     *
     * @param options as given
     * @param place where the policy lives
     * @return the settings
     * @throws dev.credence.core.provenance.InputException if one breaks its rule
     */
    public static TrainingSettings of(MethodOptions options, Place place) {
        return of(options, place, 1, ReferenceReset.NEVER);
    }

    /** The same of a method that takes so many steps of the optimiser in each of its own, maybe in stages. */
    static TrainingSettings of(MethodOptions options, Place place, int updates, ReferenceReset resets) {
        boolean table = place == Place.TABLE;
        boolean population = options.flag(POPULATION);
        if (population && !table) {
            throw options.refuse(
                    POPULATION, "a model's texts are too many to enumerate at each step; it is for tables");
        }
        int standardSteps = population ? POPULATION_STEPS : table ? TABLE_STEPS : MODEL_STEPS;
        int steps = options.has(STEPS.name()) ? options.count(STEPS) : standardSteps;
        String rule = options.has(RULE.name()) ? options.text(RULE) : population ? "natural" : "adamw";
        double standardRate = rule.equals("natural") ? 0.1 : table ? 0.05 : 0.001;
        double rate = options.has(RATE.name()) ? options.numberIn(RATE, 0, Double.MAX_VALUE) : standardRate;
        LearningRate falling = resets.falling(rate, steps, updates);
        Optimiser optimiser = switch (rule) {
            case "natural" -> {
                if (!table) {
                    throw options.refuse(RULE, "the natural gradient is for tables");
                }
                yield Optimiser.natural(LearningRate.constant(rate));
            }
            case "sgd" -> Optimiser.sgd(population ? LearningRate.constant(rate) : falling);
            case "adamw" -> Optimiser.adamW(falling);
            case "adam" ->
                new Optimiser(Optimiser.Rule.ADAM, falling, 0.9, 0.999, 1e-8, 0, Double.POSITIVE_INFINITY, 0);
            default -> throw options.refuse(RULE, "it is adam, adamw, sgd or natural");
        };
        return new TrainingSettings(steps, options.count(SAMPLES), optimiser, population, (long) options.number(SEED));
    }
}
