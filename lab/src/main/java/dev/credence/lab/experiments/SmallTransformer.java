package dev.credence.lab.experiments;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.data.corpora.Sequences;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.torch.Backend;
import dev.credence.torch.RandomWeights;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A transformer of some ten thousand weights, of GPT-2's architecture, that is made and trained in memory on an experiment's own
 * tokens. Token 0 begins every sequence, and ends it where it ends.
 */
final class SmallTransformer implements AutoCloseable {
    /** The token that begins a sequence. */
    static final int BEGIN = 0;

    private static final double EPSILON = 1e-5;
    private static final int PIECE = 4096; // sequences scored together

    private final Transformer start;
    private final TransformerPolicy policy;

    /**
     * How large it is.
     *
     * @param vocabulary tokens, the first one included
     * @param context positions
     * @param layers blocks
     * @param width of the residual stream, a multiple of the heads
     * @param heads of attention
     */
    record Size(int vocabulary, int context, int layers, int width, int heads) {
        Architecture architecture() {
            return new Architecture(
                    vocabulary,
                    context,
                    layers,
                    width,
                    new Architecture.Attention(heads, heads, width / heads, true, true, false),
                    new Architecture.FeedForward(4 * width, Architecture.Activation.GELU_TANH, false, true),
                    new Architecture.Norm(true, EPSILON),
                    null,
                    new Architecture.Wiring(false, true));
        }
    }

    /**
     * How it is trained.
     *
     * @param steps of AdamW
     * @param batch sequences a step
     * @param rate the highest learning rate: it rises over a twentieth of the steps, then falls to 0 along half a cosine
     */
    record Training(int steps, int batch, double rate) {
        Optimiser optimiser() {
            return Optimiser.adamW(LearningRate.cosine(rate, Math.max(1, steps / 20), steps, 0));
        }
    }

    private SmallTransformer(Transformer start, Optimiser optimiser) {
        this.start = start;
        this.policy = TransformerPolicy.of(start, Trainable.all(), optimiser);
    }

    /**
     * Makes one and trains it to predict the next token.
     *
     * @param size of it
     * @param training how
     * @param draw one sequence: what is given, and what is predicted
     * @param seed of weights and draws
     * @param listener may stop it
     * @return the trained model; the caller closes it
     */
    static SmallTransformer trained(
            Size size, Training training, Function<SplittableRandom, Continuation> draw, long seed, Listener listener) {
        return trained(size, training, seed, listener, (policy, random) -> {
            Continuation[] batch = new Continuation[training.batch];
            Arrays.setAll(batch, i -> draw.apply(random));
            learn(policy, List.of(batch));
        });
    }

    /**
     * Makes one and trains it on one weighed set of sequences, all of them at every step.
     *
     * @param size of it
     * @param training how; its batch does not count
     * @param all what is given, and what is predicted
     * @param weights of them, which add up to 1
     * @param seed of the weights that it begins with
     * @param listener may stop it
     * @return the trained model; the caller closes it
     */
    static SmallTransformer trainedOn(
            Size size, Training training, List<Continuation> all, double[] weights, long seed, Listener listener) {
        return trained(size, training, seed, listener, (policy, random) -> learn(policy, all, weights));
    }

    /** A step that makes weighed sequences likelier. */
    static void learn(TransformerPolicy policy, List<Continuation> all, double[] weights) {
        SequenceObjective objective = (sequence, logProbs) -> {
            double[] each = new double[logProbs.length];
            Arrays.fill(each, weights[sequence]);
            return each;
        };
        policy.step(all, objective);
    }

    /** A step of training. */
    private interface Step {
        void take(TransformerPolicy policy, SplittableRandom random);
    }

    private static SmallTransformer trained(Size size, Training training, long seed, Listener listener, Step next) {
        SplittableRandom random = new SplittableRandom(seed);
        Transformer start =
                RandomWeights.model(size.architecture(), random.nextLong(), Set.of(BEGIN), Backend.shared());
        SmallTransformer model = new SmallTransformer(start, training.optimiser());
        try {
            for (int step = 0; step < training.steps; step++) {
                if (listener.isStopped()) {
                    throw new InterruptedRunException(
                            "a small transformer was being trained, of which nothing is kept");
                }
                next.take(model.policy, random);
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    /** {@return as it is now; the next step changes it} */
    Transformer model() {
        return policy.transformer();
    }

    /** A copy to go on with, by another optimiser; it is closed before this one. */
    TransformerPolicy copy(Optimiser optimiser) {
        return TransformerPolicy.of(policy.transformer(), Trainable.all(), optimiser);
    }

    /**
     * Takes all steps of a training of a policy.
     *
     * @param run of a method, at its beginning
     * @param steps how many
     * @param seed of its draws
     * @param listener may stop it
     * @throws InterruptedRunException if it did
     */
    static void tune(dev.credence.methods.training.Training run, int steps, long seed, Listener listener) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < steps; step++) {
            if (listener.isStopped()) {
                throw new InterruptedRunException("a policy was being tuned, of which nothing is kept");
            }
            run.step(random);
        }
    }

    /** (sequences) log-probabilities of what is predicted, nats, some at a time. */
    static double[] logProbs(PredictiveModel model, List<Continuation> sequences) {
        double[] logs = new double[sequences.size()];
        for (int from = 0; from < logs.length; from += PIECE) {
            double[][] scored = model.logProbs(sequences.subList(from, Math.min(logs.length, from + PIECE)));
            for (int i = 0; i < scored.length; i++) {
                logs[from + i] = Arrays.stream(scored[i]).sum();
            }
        }
        return logs;
    }

    /** A prompt of a world, drawn by the weights. */
    static String prompt(TableModel world, SplittableRandom random) {
        List<String> prompts = world.prompts();
        double left = random.nextDouble();
        int p = 0;
        while (p < prompts.size() - 1 && left >= world.weight(prompts.get(p))) {
            left -= world.weight(prompts.get(p++));
        }
        return prompts.get(p);
    }

    /** A step that makes a batch likelier, each token alike. */
    static void learn(TransformerPolicy policy, List<Continuation> batch) {
        policy.step(batch, SequenceObjective.uniform(1.0 / Math.max(1, Sequences.tokens(batch))));
    }

    @Override
    public void close() {
        policy.close();
        start.close();
    }
}
