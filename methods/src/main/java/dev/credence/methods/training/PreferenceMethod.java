package dev.credence.methods.training;

import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.List;

/** The frame of the methods that fit log π/π0 itself to preferences between texts of the prior. */
abstract class PreferenceMethod extends TrainedConditioner {
    /** Name, summary, source, and the one option of its own: β. */
    abstract MethodCard own();

    abstract PreferenceLoss loss(double beta);

    abstract Aim aim(double beta);

    @Override
    public final MethodCard card() {
        MethodCard own = own();
        List<MethodOption> options = new ArrayList<>(own.options());
        options.addAll(TrainingSettings.OPTIONS);
        return new MethodCard(own.name(), own.aliases(), own.summary(), own.reference(), options);
    }

    @Override
    public final Aim aim(MethodOptions options) {
        return aim(beta(options));
    }

    @Override
    public final Training begin(
            TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        double beta = beta(options);
        return new PreferenceTraining(policy, task, loss(beta), beta, settings);
    }

    private double beta(MethodOptions options) {
        return options.positive(own().options().get(0));
    }
}
