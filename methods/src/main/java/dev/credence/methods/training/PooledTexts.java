package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Selection;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A pool that grows by the policy's own draws in each round, each with its reward; what selections keep of the whole pool is
 * imitated, each behind prompts of its own, with a share of the prior's own texts. The first round's draws are the prior's, and all
 * are drawn behind the prompts of the first selection.
 */
final class PooledTexts implements ImitationSource {
    private static final String NAME = "pool";

    private final TrainingTask task;
    private final List<Selection> selections;
    private final double priorShare;
    private final int draws; // of each prompt a round
    private final int prompts; // that are drawn behind
    private Imitated pool = new Imitated.Builder().build(0); // each text's share is one

    /**
     * An empty pool.
     *
     * @param task whose prompts are those of the first selection, then as many of the second, and so on
     * @param selections of the pool, at least one
     * @param priorShare share of the prior's texts beside what each selection keeps, in [0, 1)
     * @param draws of each prompt of the first selection a round
     */
    PooledTexts(TrainingTask task, List<Selection> selections, double priorShare, int draws) {
        this.task = task;
        this.selections = selections;
        this.priorShare = priorShare;
        this.draws = draws;
        this.prompts = task.prompts().size() / selections.size();
    }

    @Override
    public Imitated next(TrainablePolicy policy, RandomGenerator random) {
        Imitated.Builder grown = new Imitated.Builder();
        for (int i = 0; i < pool.size(); i++) {
            grown.add(pool.prompt()[i], pool.texts().get(i), pool.reward()[i], 1);
        }
        for (int c = 0; c < prompts; c++) {
            TrainingTask.Prompt prompt = task.prompts().get(c);
            List<Sample> drawn = ImitationSource.draw(policy, task, prompt, draws, random);
            add(c, drawn, task.reward().of(prompt, drawn), 1, grown);
        }
        pool = grown.build(0);
        Imitated.Builder kept = new Imitated.Builder();
        for (int c = 0; c < prompts; c++) {
            addSelected(c, kept);
            if (priorShare > 0) {
                TrainingTask.Prompt prompt = task.prompts().get(c);
                List<Sample> own = ImitationSource.draw(policy.reference(), task, prompt, draws, random);
                double[] rewards = task.reward().of(prompt, own);
                for (int k = 0; k < selections.size(); k++) {
                    add(k * prompts + c, own, rewards, priorShare / draws, kept);
                }
            }
        }
        return kept.build((priorShare > 0 ? 2L : 1L) * draws * prompts);
    }

    private void add(int c, List<Sample> drawn, double[] rewards, double share, Imitated.Builder to) {
        int[] ids = task.prompts().get(c).ids();
        for (int i = 0; i < rewards.length; i++) {
            to.add(c, new Continuation(ids, drawn.get(i).tokens()), rewards[i], share);
        }
    }

    private void addSelected(int c, Imitated.Builder to) {
        int[] rows = pool.rows(c);
        double[] rewards =
                Arrays.stream(rows).mapToDouble(i -> pool.reward()[i]).toArray();
        for (int k = 0; k < selections.size(); k++) {
            TrainingTask.Prompt prompt = task.prompts().get(k * prompts + c);
            double[] kept = ImitationSource.keptOf(selections.get(k), rewards, prompt);
            for (int i = 0; i < rows.length; i++) {
                int[] tokens = pool.texts().get(rows[i]).tokens();
                Continuation text = new Continuation(prompt.ids(), tokens);
                to.add(k * prompts + c, text, rewards[i], (1 - priorShare) * kept[i]);
            }
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
