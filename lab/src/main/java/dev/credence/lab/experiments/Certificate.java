package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.conditioning.PolicyTraining;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transformer that was conditioned by training, and how far it is from the posterior that was asked for, both ways, by
 * enumeration of all its texts.
 *
 * @param model the prior's name
 * @param asked what was asked
 * @param texts how many were enumerated
 * @param audit exact, of the tuned policy
 * @param seconds of training
 */
public record Certificate(String model, Asked asked, long texts, StepAudit audit, double seconds) {
    /** KL of the policy from the posterior. */
    public static final String THERE = "kl.policy_asked";

    /** KL of the posterior from the policy. */
    public static final String BACK = "kl.asked_policy";

    /**
     * What is asked.
     *
     * @param extent the texts
     * @param reward of them
     * @param beta KL coefficient, above 0
     * @param steps of RLOO
     * @param samples texts a prompt and step
     * @param rate of learning at the first step
     * @param seed of all draws
     * @param most nats that either KL may have
     */
    public record Asked(
            TextSpace.Extent extent,
            RewardExpression reward,
            double beta,
            int steps,
            int samples,
            double rate,
            long seed,
            double most) {}

    /**
     * Trains and enumerates.
     *
     * @param model the prior; stays the caller's
     * @param asked what is asked
     * @param target folder that the tuned policy is saved to, or null
     * @param progress takes a line from time to time
     * @return what came of it
     */
    public static Certificate of(OpenModel model, Asked asked, @Nullable Path target, Consumer<String> progress) {
        TextSpace space = TextSpace.of(model, asked.extent, asked.reward);
        TransformerPlace place = new TransformerPlace(space, RewardReading.C);
        Map<String, Double> prompts = new LinkedHashMap<>();
        asked.extent.prompts().forEach(prompt -> prompts.put(prompt, 1.0));
        TrainedConditioner rloo = (TrainedConditioner) Methods.byName("rloo");
        MethodOptions options = MethodOptions.none()
                .with("beta", asked.beta)
                .with("steps", asked.steps)
                .with("samples", asked.samples)
                .with("lr", asked.rate)
                .with("seed", asked.seed);
        TrainingSettings settings = rloo.settings(options, TrainingSettings.Place.MODEL);
        PolicyTraining training =
                new PolicyTraining(model, prompts, asked.extent.begin(), asked.reward, asked.extent.horizon());
        try (PolicyTraining.Tuned tuned = training.run(rloo, options, settings, progress)) {
            StepAudit audit = place.audit(tuned.policy(), asked.beta);
            if (target != null) {
                Checkpoint.open(model.folder()).save(tuned.policy().transformer(), target);
                progress.accept("saved " + target);
            }
            return new Certificate(model.title(), asked, space.size(), audit, tuned.seconds());
        }
    }

    /**
     * A figure of the audit.
     *
     * @param id of the finding
     * @return the finding
     */
    public Finding finding(String id) {
        return Objects.requireNonNull(audit.findings().get(id));
    }

    /** {@return whether both KLs are within what is asked} */
    public boolean isMet() {
        return finding(THERE).upper() <= asked.most && finding(BACK).upper() <= asked.most;
    }
}
