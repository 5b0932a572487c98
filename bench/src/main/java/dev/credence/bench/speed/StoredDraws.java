package dev.credence.bench.speed;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.training.Objective;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A policy whose reference gives texts that were drawn from it before, with their log-probabilities, one after the other and from the
 * first again: as a trainer that reads stored pairs and has scored them under the reference once.
 */
final class StoredDraws implements TrainablePolicy {
    private final TrainablePolicy policy;
    private final Reference reference;

    /**
     * Draws the texts.
     *
     * @param policy trained
     * @param prompts token ids; all that is drawn later is of these, in this order
     * @param draws of each
     * @param sampling how
     * @param random the draws' seeds
     */
    StoredDraws(TrainablePolicy policy, List<int[]> prompts, int draws, Sampling sampling, RandomGenerator random) {
        this.policy = policy;
        this.reference = new Reference(policy.reference(), policy.reference().sample(prompts, draws, sampling, random));
    }

    private static final class Reference implements PredictiveModel {
        private final PredictiveModel model;
        private final List<List<Sample>> stored; // (prompts) (draws)
        private int at;

        Reference(PredictiveModel model, List<List<Sample>> stored) {
            this.model = model;
            this.stored = stored;
        }

        @Override
        public Vocabulary vocabulary() {
            return model.vocabulary();
        }

        @Override
        public double[][] nextLogProbs(List<int[]> prefixes) {
            return model.nextLogProbs(prefixes);
        }

        @Override
        public double[][] logProbs(List<Continuation> continuations) {
            return model.logProbs(continuations);
        }

        @Override
        public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
            return model.sample(prompt, n, sampling, random);
        }

        @Override
        public List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
            int from = at + n <= stored.get(0).size() ? at : 0;
            at = from + n;
            return stored.stream().map(own -> own.subList(from, from + n)).toList();
        }
    }

    @Override
    public PredictiveModel reference() {
        return reference;
    }

    @Override
    public StepReport step(List<Continuation> batch, Objective objective) {
        return policy.step(batch, objective);
    }

    @Override
    public PredictiveModel anchor() {
        return policy.anchor();
    }

    @Override
    public void moveAnchor() {
        policy.moveAnchor();
    }

    @Override
    public Vocabulary vocabulary() {
        return policy.vocabulary();
    }

    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        return policy.nextLogProbs(prefixes);
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        return policy.logProbs(continuations);
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return policy.sample(prompt, n, sampling, random);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        policy.save(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        policy.restore(in);
    }

    @Override
    public void close() {
        policy.close();
    }
}
