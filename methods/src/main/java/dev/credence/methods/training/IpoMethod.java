package dev.credence.methods.training;

import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;

/** IPO (Azar et al. 2024): squares instead of DPO's logistic loss. Over all pairs of the prior it ends at the posterior of another
 * reward: how often a text beats the prior's. */
public final class IpoMethod extends TrainedConditioner {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "its tau: 1/beta copies of the win rate against the prior");

    /** Without state. */
    public IpoMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "ipo",
                "regress log-ratio gaps of preferred and other on 1/(2 beta); cannot run away where preferences are certain",
                "Azar et al. 2024",
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
        return Aim.at(new WinRate(1 / beta(options)), "squared error of the log-ratio gaps, over pairs of the prior");
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        double beta = beta(options);
        return new PreferenceTraining(policy, task, PreferenceLoss.ipo(beta), beta, settings);
    }

    private static double beta(MethodOptions options) {
        double beta = options.number(BETA);
        if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw options.refuse(BETA, "it must be positive and finite");
        }
        return beta;
    }
}
