package dev.credence.torch.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.StepReport;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A transformer whose head gives one number a text, and that trains: the port of reward models. What a loss of scores asks for
 * is in the weights of a {@link ScoreObjective}; nothing here knows pairs or approvals.
 */
public final class TrainedScorer implements AutoCloseable {
    private static final int[] UNREAD = {0}; // stands where a next token would; a score has none

    private final TransformerPolicy policy;

    private TrainedScorer(TransformerPolicy policy) {
        this.policy = policy;
    }

    /** What a step ascends, as a function of scores. */
    @FunctionalInterface
    public interface ScoreObjective {
        /**
         * The derivative of the objective by each score.
         *
         * @param scores (n) of the batch as the model is; not to be changed
         * @return (n) weights; positive ones raise a score
         */
        double[] weights(double[] scores);
    }

    /**
     * One whose weights all train.
     *
     * @param base a model with a head of one number; it stays the caller's and must outlive this one
     * @param optimiser how
     * @return the scorer
     * @throws IllegalArgumentException if the base foretells tokens
     */
    public static TrainedScorer of(Transformer base, Optimiser optimiser) {
        require(base);
        return new TrainedScorer(TransformerPolicy.of(base, Trainable.all(), optimiser));
    }

    /**
     * One that trains a fresh adapter and the head; all other weights are shared.
     *
     * @param base a model with a head of one number; it stays the caller's and must outlive this one
     * @param lora the adapter
     * @param optimiser how it is trained
     * @param random where the adapter's first factors come from
     * @return the scorer
     * @throws IllegalArgumentException if the base foretells tokens, or no projection is chosen
     */
    public static TrainedScorer lora(Transformer base, LoraSettings lora, Optimiser optimiser, RandomGenerator random) {
        require(base);
        return new TrainedScorer(TransformerPolicy.lora(base, lora, optimiser, random));
    }

    private static void require(Transformer base) {
        if (!base.isScoring()) {
            throw new IllegalArgumentException("the base's head gives a logit a token; a scorer's gives one number");
        }
    }

    /**
     * Takes a step.
     *
     * @param texts (n) token ids; the score is read at the last one
     * @param objective what is ascended
     * @return its (n) (1) values are the scores before the step
     */
    public StepReport step(List<int[]> texts, ScoreObjective objective) {
        List<Continuation> batch = new ArrayList<>();
        texts.forEach(text -> batch.add(new Continuation(text, UNREAD)));
        return policy.step(
                batch,
                scores -> Arrays.stream(objective.weights(
                                Arrays.stream(scores).mapToDouble(own -> own[0]).toArray()))
                        .mapToObj(weight -> new double[] {weight})
                        .toArray(double[][]::new));
    }

    /** {@return the model as it is now; the next step changes it, and closing the scorer closes it} */
    public Transformer transformer() {
        return policy.transformer();
    }

    /**
     * Writes down what a step depends on: parameters and the optimiser's moments.
     *
     * @param out stays open
     * @throws IOException if writing fails
     */
    public void save(OutputStream out) throws IOException {
        policy.save(out);
    }

    /**
     * Takes back what was saved; nothing changes where that fails.
     *
     * @param in stays open
     * @throws IOException if it cannot be read, or is another model's
     */
    public void restore(InputStream in) throws IOException {
        policy.restore(in);
    }

    /** {@return how many numbers are trained} */
    public long trainedParameters() {
        return policy.trainedParameters();
    }

    @Override
    public void close() {
        policy.close();
    }
}
