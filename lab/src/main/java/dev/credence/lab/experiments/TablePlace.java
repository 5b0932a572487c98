package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.Optimiser;
import dev.credence.methods.training.TableTasks;
import dev.credence.methods.training.TabularPolicy;
import dev.credence.methods.training.TrainingTask;
import java.util.Map;

/**
 * A table.
 *
 * @param prior its prior
 * @param reading letter of the reward's reading
 * @param reward of its texts
 */
record TablePlace(TableModel prior, String reading, RewardFunction reward) implements Place<TabularPolicy> {
    static final String NAME = "table";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public TrainingTask task() {
        return TableTasks.of(prior, reward);
    }

    @Override
    public TabularPolicy begin(Optimiser optimiser) {
        return new TabularPolicy(prior, optimiser);
    }

    @Override
    public PathLook look(TabularPolicy policy, double beta) {
        return look(policy.table(), beta);
    }

    @Override
    public PathLook look(RewardLikelihood evidence, double beta) {
        return look(conditioned(evidence), beta);
    }

    TableModel conditioned(RewardLikelihood evidence) {
        return TablePosterior.of(prior, reward, evidence).model();
    }

    private PathLook look(TableModel policy, double beta) {
        return PathLook.of(Audit.of(prior, policy, Map.of("reward", reward), AuditOptions.atBeta("reward", beta)));
    }
}
