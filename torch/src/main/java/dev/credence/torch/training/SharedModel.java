package dev.credence.torch.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.torch.Transformer;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A transformer that several processes hold and ask the same of, in the same order: each draws and scores its share, and all get
 * the whole. Draws are those of one process: a sample depends on its prompt's seed and its own number.
 */
final class SharedModel implements PredictiveModel {
    private final Transformer own;
    private final ProcessGroup group;

    SharedModel(Transformer own, ProcessGroup group) {
        this.own = own;
        this.group = group;
    }

    @Override
    public Vocabulary vocabulary() {
        return own.vocabulary();
    }

    /** {@inheritDoc} Each process computes all of them. */
    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        return own.nextLogProbs(prefixes);
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        double[][] all = new double[continuations.size()][];
        List<Integer> mine = group.own(all.length);
        double[][] scored = own.logProbs(mine.stream().map(continuations::get).toList());
        for (int k = 0; k < scored.length; k++) {
            all[mine.get(k)] = scored[k];
        }
        return group.gather(
                all,
                continuations.stream().mapToInt(each -> each.tokens().length).toArray());
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return sample(List.of(prompt), n, sampling, random).get(0);
    }

    @Override
    public List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
        int[] mine = group.range(n);
        return group.gather(
                own.sample(prompts, mine[0], mine[1] - mine[0], sampling, random), n, sampling.maxNewTokens());
    }
}
