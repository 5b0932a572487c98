package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A pool that grows by the policy's own draws in each round, each with its reward; what a selection keeps of the whole pool is
 * imitated, and a share of the prior's own texts. The first round's draws are the prior's.
 */
final class PooledTexts implements ImitationSource {
    private static final String NAME = "pool";

    private final TrainingTask task;
    private final ImitationPlan plan;
    private final int draws; // of each prompt a round
    private Imitated pool = new Imitated.Builder().build(0); // each text's share is one

    PooledTexts(TrainingTask task, ImitationPlan plan, int draws) {
        this.task = task;
        this.plan = plan;
        this.draws = draws;
    }

    @Override
    public Imitated next(TrainablePolicy policy, RandomGenerator random) {
        Imitated.Builder grown = new Imitated.Builder();
        for (int i = 0; i < pool.size(); i++) {
            grown.add(pool.prompt()[i], pool.texts().get(i), pool.reward()[i], 1);
        }
        for (int c = 0; c < task.prompts().size(); c++) {
            add(c, ImitationSource.draw(policy, task, task.prompts().get(c), draws, random), 1, grown);
        }
        pool = grown.build(0);
        Imitated.Builder kept = new Imitated.Builder();
        for (int c = 0; c < task.prompts().size(); c++) {
            addSelected(c, kept);
            if (plan.priorShare() > 0) {
                List<Sample> own = ImitationSource.draw(
                        policy.reference(), task, task.prompts().get(c), draws, random);
                add(c, own, plan.priorShare() / draws, kept);
            }
        }
        return kept.build(
                (plan.priorShare() > 0 ? 2L : 1L) * draws * task.prompts().size());
    }

    private void add(int c, List<Sample> drawn, double share, Imitated.Builder to) {
        TrainingTask.Prompt prompt = task.prompts().get(c);
        double[] rewards = task.reward().of(prompt, drawn);
        for (int i = 0; i < rewards.length; i++) {
            to.add(c, new Continuation(prompt.ids(), drawn.get(i).tokens()), rewards[i], share);
        }
    }

    private void addSelected(int c, Imitated.Builder to) {
        int[] rows = pool.rows(c);
        double[] rewards =
                Arrays.stream(rows).mapToDouble(i -> pool.reward()[i]).toArray();
        double[] kept = ImitationSource.keptOf(plan, rewards, task.prompts().get(c));
        for (int k = 0; k < rows.length; k++) {
            to.add(c, pool.texts().get(rows[k]), rewards[k], (1 - plan.priorShare()) * kept[k]);
        }
    }

    @Override
    public void save(SavedState state) {
        pool.save(NAME, state);
    }

    @Override
    public Runnable restore(SavedState state) throws IOException {
        Imitated saved = Imitated.of(NAME, task, state);
        return () -> pool = saved;
    }
}
