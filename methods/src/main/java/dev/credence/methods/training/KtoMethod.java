package dev.credence.methods.training;

import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;

/** KTO (Ethayarajh et al. 2024), its data the halves of pairs: desirable if preferred. Its value function saturates, so that no
 * reward makes it a posterior. */
public final class KtoMethod extends TrainedConditioner {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "implicit KL coefficient, the steepness of its value function");

    /** Without state. */
    public KtoMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "kto",
                "raise what was preferred above the mean KL, lower what was not, with saturation; from single texts",
                "Ethayarajh et al. 2024",
                BETA,
                TrainingSettings.STEPS,
                TrainingSettings.SAMPLES,
                TrainingSettings.RATE,
                TrainingSettings.RULE,
                TrainingSettings.POPULATION,
                TrainingSettings.SEED);
    }

    @Override
    public Aim aim(MethodOptions options) {
        return Aim.atNoPosterior(
                "texts that win more than half of their pairs, beta = " + PolicyGradientMethod.number(beta(options)),
                "minus the mean of a saturating value of log(policy/prior)",
                "texts that lose more than half are driven out without end, and gains saturate for the others: no reward's"
                        + " posterior does that");
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        double beta = beta(options);
        return new PreferenceTraining(policy, task, PreferenceLoss.kto(beta), beta, settings);
    }

    private static double beta(MethodOptions options) {
        double beta = options.number(BETA);
        if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw options.refuse(BETA, "it must be positive and finite");
        }
        return beta;
    }
}
