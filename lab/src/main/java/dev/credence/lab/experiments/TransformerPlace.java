package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transformer with all its texts. */
final class TransformerPlace implements Place<TransformerPolicy> {
    private static final String REWARD = "reward";

    private final TextSpace space;
    private final RewardReading reward;
    private @Nullable EnumeratedLooks looks;

    /**
     * Takes a place.
     *
     * @param space its texts
     * @param reward what they are rewarded by
     */
    TransformerPlace(TextSpace space, RewardReading reward) {
        this.space = space;
        this.reward = reward;
    }

    @Override
    public String name() {
        return space.prior().title();
    }

    @Override
    public String reading() {
        return reward.letter();
    }

    @Override
    public TrainingTask task() {
        return space.task(reward);
    }

    @Override
    public TransformerPolicy begin(Optimiser optimiser) {
        return TransformerPolicy.of(space.prior().transformer(), Trainable.all(), optimiser);
    }

    @Override
    public PathLook look(TransformerPolicy policy, double beta) {
        return looks().at(space.logProbs(policy.transformer()));
    }

    @Override
    public PathLook look(RewardLikelihood evidence, double beta) {
        return looks().at(space.posterior(reward, evidence));
    }

    /** The exact audit of a policy. */
    StepAudit audit(TransformerPolicy policy, double beta) {
        return Audit.of(
                space.audited(reward, space.logProbs(policy.transformer())),
                List.of(REWARD),
                AuditOptions.atBeta(REWARD, beta));
    }

    private EnumeratedLooks looks() {
        if (looks == null) {
            List<TextSpace.Column> columns = space.columns();
            looks = new EnumeratedLooks(
                    columns.stream().map(TextSpace.Column::logPrior).toList(),
                    columns.stream()
                            .map(column -> space.rewards(column, reward))
                            .toList());
        }
        return looks;
    }
}
