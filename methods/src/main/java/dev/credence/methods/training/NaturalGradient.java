package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.MirrorDescent;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.OptionalDouble;

/**
 * Natural-gradient ascent, which is mirror descent (Kakade 2002): it walks along the family of posteriors, so that stopping early is a
 * number of copies (docs/theory.md#mirror-descent). On tables expectations are enumerated and steps exact; on a model each step is
 * fitted to draws.
 *
 * @param beta KL coefficient β; 0 is no penalty
 * @param steps to take, at most where there is a target
 * @param rate step size
 * @param targetKl KL from the prior, nats a text, to stop at: exactly on a table, at the first draws that have it on a model; empty for
 *     no such stop
 * @param samples on a model: completions of each prompt a step
 * @param epochs on a model: the optimiser's steps on each draw
 * @param fitRate on a model: the optimiser's rate
 */
public record NaturalGradient(
        @Setting(
                help = "KL coefficient; 0 is no penalty, and the steps alone set the copies",
                range = Range.NOT_NEGATIVE)
        double beta,

        @Setting(help = "steps; with {target-kl} at most", unit = "steps", range = Range.COUNT)
        int steps,

        @Setting(name = "lr", help = "step size", range = Range.POSITIVE)
        double rate,

        @Setting(
                help =
                        "stop at this KL from the prior, in nats a text: exactly on a table, where the last step is shortened; at the"
                                + " first draws that have it on a model",
                unit = "nats a text",
                range = Range.NOT_NEGATIVE)
        OptionalDouble targetKl,

        @Setting(help = "completions of each prompt a step (models)", unit = "texts", range = Range.COUNT)
        int samples,

        @Setting(help = "steps of the optimiser on each draw (models)", range = Range.COUNT)
        int epochs,

        @Setting(
                name = "fit-lr",
                help = "learning rate of these; falls to 0 along a cosine (models)",
                range = Range.POSITIVE)
        double fitRate)
        implements TrainedConditioner {
    private static final int MOST_STEPS = 1_000_000;
    private static final int SAMPLES = 64;
    private static final int EPOCHS = 4;
    private static final double FIT_RATE = 0.001;

    /**
     * Checks the settings.
     *
     * @param beta finite, at least 0
     * @param steps at least 1
     * @param rate positive, and times beta at most 1
     * @param targetKl finite, at least 0
     * @param samples at least 1
     * @param epochs at least 1
     * @param fitRate positive and finite
     */
    public NaturalGradient {
        Settings.check(NaturalGradient.class, beta, steps, rate, targetKl, samples, epochs, fitRate);
        if (!(rate * beta <= 1)) {
            throw InputException.ofSetting("lr", Settings.word(rate), "it must be above 0, and times beta at most 1");
        }
    }

    /**
     * With the standard settings of models.
     *
     * @param beta finite, at least 0
     * @param steps at least 1
     * @param rate positive, and times beta at most 1
     * @param targetKl finite, at least 0
     */
    public NaturalGradient(double beta, int steps, double rate, OptionalDouble targetKl) {
        this(beta, steps, rate, targetKl, SAMPLES, EPOCHS, FIT_RATE);
    }

    /** 50 steps of 0.1 without a penalty. */
    public NaturalGradient() {
        this(0, 50, 0.1, OptionalDouble.empty());
    }

    /**
     * So many steps without a penalty.
     *
     * @param steps at least 1
     * @param rate their size
     * @return the method
     */
    public static NaturalGradient of(int steps, double rate) {
        return new NaturalGradient(0, steps, rate, OptionalDouble.empty());
    }

    /**
     * As many steps as it takes.
     *
     * @param nats the KL from the prior a text to stop at
     * @return the method
     */
    public static NaturalGradient toKl(double nats) {
        return new NaturalGradient(0, MOST_STEPS, 0.1, OptionalDouble.of(nats));
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new NaturalGradient(),
                "natural-gradient",
                "natural gradient (mirror descent), stopped after so many steps or at a KL",
                "Kakade 2002; docs/theory.md#mirror-descent");
    }

    /** A target that is given without steps takes as many as it needs. */
    @Override
    public Conditioner with(MethodOptions given) {
        boolean open = given.has("target-kl") && !given.has("steps");
        return TrainedConditioner.super.with(open ? given.with("steps", MOST_STEPS) : given);
    }

    @Override
    public Aim aim(RewardType type) {
        if (targetKl.isPresent()) {
            double nats = targetKl.getAsDouble();
            return new Aim(
                    "the reward, as many copies as cost " + FigureFormat.inWords(nats) + " nats",
                    Aim.REVERSE,
                    null,
                    null,
                    null,
                    (prior, reward) -> Limits.atKl(prior, reward, nats));
        }
        return Aim.at(RewardLikelihood.tilt(new MirrorDescent(rate, beta).lambdaAfter(steps)), Aim.REVERSE);
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        if (place == TrainingSettings.Place.TABLE) {
            return new TrainingSettings(steps, 1, Optimiser.natural(LearningRate.constant(rate)), true, 0);
        }
        if (samples < 2) {
            throw InputException.ofSetting(
                    "samples",
                    Integer.toString(samples),
                    "a prompt's texts are compared with their mean, and one draw is its own mean: it must be at least 2");
        }
        LearningRate falling = ReferenceReset.NEVER.falling(fitRate, steps, epochs);
        return new TrainingSettings(steps, samples, Optimiser.adamW(falling), false, 0);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        double target = targetKl.orElse(Double.POSITIVE_INFINITY);
        if (!settings.population()) {
            RolloutSource drawn = RolloutSource.of(task, settings);
            return new NaturalFitTraining(policy, drawn, new MirrorDescent(rate, beta), epochs, target);
        }
        Surrogate surrogate = Surrogate.plain(KlPlacement.REWARD_K1, beta);
        return new NaturalGradientTraining(policy, RolloutSource.of(task, settings), surrogate, target);
    }
}
