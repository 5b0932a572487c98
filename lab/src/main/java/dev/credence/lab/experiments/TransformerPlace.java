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

/**
 * A transformer with all its texts.
 *
 * @param space its texts
 * @param reward what they are rewarded by
 */
record TransformerPlace(TextSpace space, RewardReading reward) implements Place<TransformerPolicy> {
    private static final String REWARD = "reward";

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
    public StepAudit audit(TransformerPolicy policy, double beta) {
        return audit(space.logProbs(policy.transformer()), beta);
    }

    @Override
    public StepAudit audit(RewardLikelihood evidence, double beta) {
        return audit(space.posterior(reward, evidence), beta);
    }

    private StepAudit audit(List<double[]> logPolicy, double beta) {
        return Audit.of(space.audited(reward, logPolicy), List.of(REWARD), AuditOptions.atBeta(REWARD, beta));
    }
}
