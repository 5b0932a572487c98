package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.StateValues;
import dev.credence.core.training.ValuedPolicy;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A policy whose texts are single tokens, by rows of logits: the table it is now, the one it began as, and its anchor. */
abstract class LogitPolicy implements ValuedPolicy {
    final TableModel start;
    final LogitTable policy;
    final LogitTable reference;
    final LogitTable anchor;

    LogitPolicy(TableModel start) {
        this.start = start;
        this.policy = LogitTable.of(start);
        this.reference = LogitTable.of(start);
        this.anchor = LogitTable.of(start);
    }

    @Override
    public final Vocabulary vocabulary() {
        return policy.vocabulary();
    }

    @Override
    public final double[][] nextLogProbs(List<int[]> prefixes) {
        return policy.nextLogProbs(prefixes);
    }

    @Override
    public final double[][] logProbs(List<Continuation> continuations) {
        return policy.logProbs(continuations);
    }

    @Override
    public final List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return policy.sample(prompt, n, sampling, random);
    }

    @Override
    public final PredictiveModel reference() {
        return reference;
    }

    @Override
    public final PredictiveModel anchor() {
        return anchor;
    }

    @Override
    public final void moveAnchor() {
        LogitOptimiser.copy(policy.logits(), anchor.logits());
    }

    @Override
    public final StateValues values(Optimiser settings) {
        return new TableValues(
                policy, start.prompts().stream().mapToDouble(start::weight).toArray(), settings);
    }

    /** (prompts) (outcomes) the weights of a batch's texts added up. */
    final double[][] pull(List<Continuation> batch, double[][] weights, double[][] logProbs) {
        requireShape(logProbs, weights);
        double[][] pull = LogitOptimiser.zeros(policy.logits());
        for (int i = 0; i < weights.length; i++) {
            if (weights[i].length > 0) {
                pull[policy.row(batch.get(i).prompt())][batch.get(i).tokens()[0]] += weights[i][0];
            }
        }
        return pull;
    }

    private static void requireShape(double[][] logProbs, double[][] weights) {
        boolean good = weights.length == logProbs.length
                && IntStream.range(0, weights.length).allMatch(i -> weights[i].length == logProbs[i].length);
        if (!good) {
            throw new IllegalArgumentException("weights are of " + weights.length
                    + " sequences or lengths that differ; they must have the shape of the " + logProbs.length
                    + " sequences' log-probabilities");
        }
    }

    @Override
    public final void close() {
        // holds nothing outside the heap
    }
}
