package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.MirrorDescent;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;

/**
 * Natural-gradient ascent with enumerated expectations, which is mirror descent (Kakade 2002): it walks along the family of
 * posteriors, so that stopping early is a number of copies (docs/theory.md#mirror-descent). On tables only.
 */
public final class NaturalGradientMethod extends TrainedConditioner {
    private static final MethodOption BETA =
            new MethodOption("beta", "0", "KL coefficient; 0 is no penalty, and the steps alone set the copies");
    private static final MethodOption STEPS = new MethodOption("steps", "50", "steps; with --target-kl at most");
    private static final MethodOption RATE = new MethodOption("lr", "0.1", "step size");
    private static final MethodOption TARGET = new MethodOption(
            "target-kl", "", "stop at exactly this KL from the prior, in nats a text; the last step is shortened");
    private static final int MOST_STEPS = 1_000_000;

    /** Without state. */
    public NaturalGradientMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "natural-gradient",
                "natural gradient (mirror descent) by enumeration, stopped after so many steps or at a KL",
                "Kakade 2002; docs/theory.md#mirror-descent",
                BETA,
                STEPS,
                RATE,
                TARGET);
    }

    @Override
    public Aim aim(MethodOptions options) {
        if (options.has(TARGET.name())) {
            double nats = target(options);
            return new Aim(
                    "the reward, as many copies as cost " + PolicyGradientMethod.number(nats) + " nats",
                    Aim.REVERSE,
                    null,
                    null,
                    null,
                    (prior, reward) -> Limits.atKl(prior, reward, nats));
        }
        MirrorDescent path = new MirrorDescent(rate(options), beta(options));
        return Aim.at(RewardLikelihood.tilt(path.lambdaAfter(options.count(STEPS))), Aim.REVERSE);
    }

    @Override
    public TrainingSettings settings(MethodOptions options, TrainingSettings.Place place) {
        if (place != TrainingSettings.Place.TABLE) {
            throw options.refuse(RATE, "the natural gradient is for tables");
        }
        int steps = options.has(TARGET.name()) && !options.has(STEPS.name()) ? MOST_STEPS : options.count(STEPS);
        return new TrainingSettings(steps, 1, Optimiser.natural(LearningRate.constant(rate(options))), true, 0);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        double nats = options.has(TARGET.name()) ? target(options) : Double.POSITIVE_INFINITY;
        Surrogate surrogate = Surrogate.plain(KlPlacement.REWARD_K1, beta(options));
        return new NaturalGradientTraining(policy, source(task, settings), surrogate, nats);
    }

    private static double rate(MethodOptions options) {
        double rate = options.number(RATE);
        if (!(rate > 0 && rate * beta(options) <= 1)) {
            throw options.refuse(RATE, "it must be above 0, and times beta at most 1");
        }
        return rate;
    }

    private static double beta(MethodOptions options) {
        return options.numberIn(BETA, 0, Double.MAX_VALUE);
    }

    private static double target(MethodOptions options) {
        return options.numberIn(TARGET, 0, Double.MAX_VALUE);
    }
}
