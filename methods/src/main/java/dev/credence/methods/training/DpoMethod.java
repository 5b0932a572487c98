package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;

/** DPO (Rafailov et al. 2023): maximum likelihood of preferences with β log π/π0 as the reward. With preferences of all texts drawn by
 * Bradley–Terry it ends at the posterior of that reward; preferences without noise would send it to infinity. */
public final class DpoMethod extends TrainedConditioner {
    private static final MethodOption BETA =
            new MethodOption("beta", "1", "implicit KL coefficient: 1/beta copies of the reward");

    /** Without state. */
    public DpoMethod() {}

    @Override
    public MethodCard card() {
        return MethodCard.of(
                "dpo",
                "fit preferences between texts of the prior; the reward is a Bradley-Terry logit. Its implicit reward beta log(policy/prior) fits any policy, so audit it against the reward itself",
                "Rafailov et al. 2023; THEORY section 4",
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
        return Aim.at(
                RewardLikelihood.tilt(1 / beta(options)),
                "KL(preferences‖those of the implicit reward), over pairs of the prior");
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        double beta = beta(options);
        return new PreferenceTraining(policy, task, PreferenceLoss.dpo(beta), beta, settings);
    }

    private static double beta(MethodOptions options) {
        double beta = options.number(BETA);
        if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
            throw options.refuse(BETA, "it must be positive and finite");
        }
        return beta;
    }
}
