package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDraw;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Softmax rows, one a prompt, as a predictive model of texts of one token that ends them. */
final class LogitTable implements PredictiveModel {
    private final double[][] logits; // (prompts) (outcomes), normalised: log-probabilities
    private final Vocabulary vocabulary;

    private LogitTable(double[][] logits, Vocabulary vocabulary) {
        this.logits = logits;
        this.vocabulary = vocabulary;
    }

    static LogitTable of(TableModel model) {
        List<double[]> rows = new ArrayList<>();
        int size = model.prompts().size();
        for (String prompt : model.prompts()) {
            Distribution distribution = model.given(prompt);
            rows.add(distribution.logProbabilities());
            size = Math.max(size, distribution.size());
        }
        TreeSet<Integer> ends = new TreeSet<>(IntStream.range(0, size).boxed().toList());
        return new LogitTable(rows.toArray(new double[0][]), new Vocabulary(size, ends));
    }

    double[][] logits() {
        return logits;
    }

    int width(int row) {
        return logits[row].length;
    }

    /** Takes the log-sum out of each row, so that the logits are log-probabilities and do not drift. */
    void normalise() {
        for (double[] row : logits) {
            double sum = LogMath.logSumExp(row);
            for (int i = 0; i < row.length; i++) {
                row[i] -= sum;
            }
        }
    }

    int row(int[] prefix) {
        if (prefix.length != 1 || !(prefix[0] >= 0 && prefix[0] < logits.length)) {
            throw new IllegalArgumentException("prompt is " + Arrays.toString(prefix)
                    + "; a table's prompt is one id in [0, " + logits.length + "), and its completions are one token");
        }
        return prefix[0];
    }

    /** (V), −∞ beyond the prompt's outcomes. */
    double[] next(int row) {
        double[] next = Arrays.copyOf(logits[row], vocabulary.size());
        Arrays.fill(next, width(row), next.length, Double.NEGATIVE_INFINITY);
        return next;
    }

    /** One of {@link #next}, without the rest of the row. */
    private double logProb(int row, int outcome) {
        return outcome < width(row) ? logits[row][outcome] : Double.NEGATIVE_INFINITY;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        return prefixes.stream().map(prefix -> next(row(prefix))).toArray(double[][]::new);
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        double[][] logProbs = new double[continuations.size()][];
        for (int i = 0; i < logProbs.length; i++) {
            int row = row(continuations.get(i).prompt());
            int[] tokens = continuations.get(i).tokens();
            vocabulary.check(tokens);
            if (tokens.length > 1) {
                throw new IllegalArgumentException(
                        "completion " + i + " has " + tokens.length + " tokens; a table's has one, which ends it");
            }
            logProbs[i] = tokens.length == 0 ? new double[0] : new double[] {logProb(row, tokens[0])};
        }
        return logProbs;
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        Sampling.requireCount(n);
        double[] logProbs = next(row(prompt));
        long seed = random.nextLong();
        TokenDraw draw = new TokenDraw(sampling, vocabulary.size());
        List<Sample> samples = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int token = draw.draw(logProbs, 0, TokenDraw.uniforms(seed, i, 0));
            double[] own = {logProbs[token]};
            samples.add(new Sample(new int[] {token}, own, new double[] {draw.sampledLogProb()}, true));
        }
        return samples;
    }
}
