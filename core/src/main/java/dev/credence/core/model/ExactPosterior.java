package dev.credence.core.model;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The exact posterior of one prompt as a model: the next token has the probability π0(v | prefix) ψ(prefix v) / ψ(prefix),
 * where ψ = E_prior[e^E | prefix] (docs/theory.md#tokens-and-texts). Behind a prefix that the evidence excludes, where any
 * distribution would do, it is the prior's.
 */
public final class ExactPosterior implements PredictiveModel {
    private final PredictiveModel prior;
    private final SoftValues.Extent extent;
    private final Foresight foresight;
    private final LogBounds logPartition;

    /**
     * A posterior.
     *
     * @param prior the model that was conditioned
     * @param evidence on its tokens
     * @param extent the prompt, and where texts are cut
     * @param values the soft values of this prior, evidence and extent
     * @throws IllegalArgumentException if they are not exact, or the evidence excludes every text
     */
    public ExactPosterior(PredictiveModel prior, TokenEvidence evidence, SoftValues.Extent extent, SoftValues values) {
        this.prior = prior;
        this.extent = extent;
        this.foresight = new Foresight(prior.vocabulary(), evidence, extent.horizon(), values);
        this.logPartition = values.logPartition();
        if (!(logPartition.lower() == logPartition.upper())) {
            throw new IllegalArgumentException("log Z is between " + logPartition.lower() + " and "
                    + logPartition.upper() + "; the exact posterior needs every soft value exact");
        }
        if (!(logPartition.lower() > Double.NEGATIVE_INFINITY)) {
            throw new IllegalArgumentException("log Z is -Infinity; no text up to the horizon has the evidence");
        }
    }

    /** {@return log Z, nats} */
    public double logPartition() {
        return logPartition.lower();
    }

    @Override
    public Vocabulary vocabulary() {
        return prior.vocabulary();
    }

    /**
     * The soft value log ψ of each next token.
     *
     * @param prefix the prompt and what follows it, shorter than the horizon
     * @return (V) nats; −∞ where the evidence excludes every text that begins so
     * @throws IllegalArgumentException if the prefix does not begin with the prompt, or is complete
     */
    public double[] logSoftValues(int[] prefix) {
        int length = prefix.length - extent.prompt().length;
        check(prefix, length);
        int[] tokens = new int[length + 1];
        System.arraycopy(prefix, extent.prompt().length, tokens, 0, length);
        double[] values = new double[vocabulary().size()];
        for (int v = 0; v < values.length; v++) {
            values[v] = foresight.after(tokens, length, v).upper();
        }
        return values;
    }

    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        double[][] values = new double[prefixes.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = logSoftValues(prefixes.get(i));
        }
        double[][] next = prior.nextLogProbs(prefixes);
        for (int i = 0; i < next.length; i++) {
            double[] twisted = next[i].clone();
            for (int v = 0; v < twisted.length; v++) {
                twisted[v] += values[i][v];
            }
            double total = LogMath.logSumExp(twisted);
            if (total > Double.NEGATIVE_INFINITY) {
                Arrays.setAll(twisted, v -> twisted[v] - total);
                next[i] = twisted;
            }
        }
        return next;
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        double[][] logProbs = new double[continuations.size()][];
        for (int i = 0; i < logProbs.length; i++) {
            vocabulary().check(continuations.get(i).tokens());
            int[] whole = continuations.get(i).whole();
            int from = continuations.get(i).prompt().length;
            List<int[]> prefixes = new ArrayList<>();
            for (int t = from; t < whole.length; t++) {
                prefixes.add(Arrays.copyOf(whole, t));
            }
            double[][] next = prefixes.isEmpty() ? new double[0][] : nextLogProbs(prefixes);
            logProbs[i] = new double[next.length];
            Arrays.setAll(logProbs[i], t -> next[t][whole[from + t]]);
        }
        return logProbs;
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        if (sampling.maxNewTokens() > extent.horizon()) {
            throw new IllegalArgumentException("maxNewTokens is " + sampling.maxNewTokens()
                    + "; the posterior's texts end" + " at " + extent.horizon());
        }
        Sampling.requireCount(n);
        long seed = random.nextLong();
        TokenDraw draw = new TokenDraw(sampling, vocabulary().size());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            samples.add(one(prompt, sampling.maxNewTokens(), draw, new Numbered(seed, i)));
        }
        return samples;
    }

    /**
     * Which sample of which draw.
     *
     * @param seed of the draw
     * @param sample from 0
     */
    private record Numbered(long seed, int sample) {}

    private Sample one(int[] prompt, int most, TokenDraw draw, Numbered which) {
        int[] tokens = new int[most];
        double[] own = new double[most];
        double[] sampled = new double[most];
        int length = 0;
        boolean finished = false;
        while (length < most && !finished) {
            int[] prefix = Arrays.copyOf(prompt, prompt.length + length);
            System.arraycopy(tokens, 0, prefix, prompt.length, length);
            double[] next = nextLogProbs(List.of(prefix))[0];
            tokens[length] = draw.draw(next, 0, TokenDraw.uniforms(which.seed, which.sample, length));
            own[length] = draw.logProb();
            sampled[length] = draw.sampledLogProb();
            finished = vocabulary().isEnd(tokens[length++]);
        }
        return new Sample(
                Arrays.copyOf(tokens, length), Arrays.copyOf(own, length), Arrays.copyOf(sampled, length), finished);
    }

    private void check(int[] prefix, int length) {
        int[] prompt = extent.prompt();
        if (!(length >= 0 && Arrays.equals(prompt, 0, prompt.length, prefix, 0, prompt.length))) {
            throw new IllegalArgumentException("prefix " + Arrays.toString(prefix) + " does not begin with the prompt "
                    + Arrays.toString(prompt) + "; the posterior is that prompt's alone");
        }
        if (!(length < extent.horizon())) {
            throw new IllegalArgumentException(
                    "prefix has " + length + " tokens behind the prompt; texts are cut at " + extent.horizon());
        }
        for (int i = prompt.length; i < prefix.length; i++) {
            if (vocabulary().isEnd(prefix[i])) {
                throw new IllegalArgumentException(
                        "token " + i + " of the prefix is the end " + prefix[i] + "; nothing comes behind an end");
            }
        }
    }
}
