package dev.credence.torch.training;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.training.DistillablePolicy;
import dev.credence.core.training.DistributionObjective;
import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StateValues;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.ValuedPolicy;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.Adapters;
import dev.credence.torch.weights.LowRank;
import dev.credence.torch.weights.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A transformer that trains. What is trained is a copy of the base's weights, all else is the base's own memory; after each
 * step the same numbers serve sampling and scoring.
 *
 * <p>Reproducible: the same batches, seeds and number of threads give the same bits, in this process or in one that
 * restored a saved state.
 */
public final class TransformerPolicy implements DistillablePolicy, ValuedPolicy {
    /** Nats a token: drawing, scoring and training sum in orders of their own, in single precision. */
    private static final double ROUNDING = 1e-5;

    private final Transformer base;
    private final TrainedModel model;
    private final Transformer live;
    private final Parameters parameters;
    private final Stepper stepper;
    private final BatchGradient gradient;
    private final Anchor anchor;
    private final List<TransformerValues> values = new ArrayList<>(); // closed with this
    private @Nullable ProcessGroup processes;
    private @Nullable ProcessGroup drawing; // the same, where draws and scores are shared out too

    private TransformerPolicy(TrainedModel model, Transformer base, Optimiser optimiser) {
        this.base = base;
        this.model = model;
        this.live = model.transformer();
        this.parameters = model.parameters();
        this.stepper = Native.make(() -> Native.within(() -> new Stepper(parameters, optimiser)));
        this.gradient = new BatchGradient(model);
        this.anchor = new Anchor(model);
    }

    /**
     * A policy that begins as a transformer.
     *
     * @param base the reference; it stays the caller's and must outlive the policy
     * @param trainable which weights are trained
     * @param optimiser how
     * @return the policy
     * @throws IllegalArgumentException if the pattern chooses no weight, or the rule is NATURAL
     */
    public static TransformerPolicy of(Transformer base, Trainable trainable, Optimiser optimiser) {
        return of(base, trainable, optimiser, Precision.FLOAT32);
    }

    /**
     * A policy that begins as a transformer and may train with rounded factors.
     *
     * @param base the reference; it stays the caller's and must outlive the policy
     * @param trainable which weights are trained
     * @param optimiser how
     * @param products BFLOAT16 to round the factors of a step's products by weights, FLOAT32 to leave them; the parameters,
     *     and all that is scored or sampled, keep the base's precision
     * @return the policy
     * @throws IllegalArgumentException if the pattern chooses no weight, the rule is NATURAL, or products is FLOAT16
     */
    public static TransformerPolicy of(Transformer base, Trainable trainable, Optimiser optimiser, Precision products) {
        return made(base, optimiser, () -> TrainedModel.of(base, trainable, Products.in(products)));
    }

    /**
     * A policy that begins as a transformer and trains a fresh adapter on it; the base's weights are shared entirely.
     *
     * @param base the reference: the policy with its adapter off; it stays the caller's and must outlive the policy
     * @param lora the adapter
     * @param optimiser how it is trained
     * @param random where the adapter's first factors come from
     * @return the policy
     * @throws IllegalArgumentException if no projection is chosen, or the rule is NATURAL
     * @throws IllegalStateException if the base has an adapter already
     */
    public static TransformerPolicy lora(
            Transformer base, LoraSettings lora, Optimiser optimiser, RandomGenerator random) {
        return lora(base, lora, optimiser, random, Precision.FLOAT32);
    }

    /**
     * A policy that begins as a transformer, trains a fresh adapter on it and may do so with rounded factors.
     *
     * @param base the reference: the policy with its adapter off; it stays the caller's and must outlive the policy
     * @param lora the adapter
     * @param optimiser how it is trained
     * @param random where the adapter's first factors come from
     * @param products BFLOAT16 to round the factors of a step's products by the base's weights, FLOAT32 to leave them
     * @return the policy
     * @throws IllegalArgumentException if no projection is chosen, the rule is NATURAL, or products is FLOAT16
     * @throws IllegalStateException if the base has an adapter already
     */
    public static TransformerPolicy lora(
            Transformer base, LoraSettings lora, Optimiser optimiser, RandomGenerator random, Precision products) {
        if (!base.adapters().isEmpty()) {
            throw new IllegalStateException("the base has an adapter already; merge it, or go on with it (onAdapter)");
        }
        return made(base, optimiser, () -> {
            try (Kept kept = new Kept()) {
                Weights weights = base.network().weights();
                int layers = base.architecture().layers();
                List<LowRank> fresh = Native.within(() -> Adapters.fresh(weights, layers, lora, random, kept));
                return TrainedModel.ofAdapters(base, fresh, Products.in(products));
            }
        });
    }

    /**
     * A policy that goes on training the adapter of a model.
     *
     * @param adapted a model with an adapter; it stays the caller's and is not changed
     * @param reference what {@link #reference} gives: the adapted model itself, or the one without its adapter
     * @param optimiser how it is trained
     * @return the policy
     * @throws IllegalArgumentException if the model has no adapter, or the rule is NATURAL
     */
    public static TransformerPolicy onAdapter(Transformer adapted, Transformer reference, Optimiser optimiser) {
        if (adapted.adapters().isEmpty()) {
            throw new IllegalArgumentException("the model has no adapter; one is needed to go on with");
        }
        List<LowRank> adapters = adapted.network().weights().added();
        Weights weights = adapted.network().weights();
        for (LowRank low : adapters) {
            if (weights.part(low.weight()).role() == Role.EMBEDDING) {
                throw new IllegalArgumentException("the adapter adds to the embedding " + low.weight()
                        + "; such a one is computed, not trained: merge it");
            }
        }
        return made(
                reference, optimiser, () -> TrainedModel.ofAdapters(adapted, adapters, Products.in(Precision.FLOAT32)));
    }

    private static TransformerPolicy made(Transformer reference, Optimiser optimiser, Supplier<TrainedModel> make) {
        if (!reference.arithmetic().isWide()) {
            throw new IllegalArgumentException(
                    "the reference's weights are held in 16 bits; a training needs them in single precision");
        }
        TrainedModel model = Native.make(make);
        try {
            return new TransformerPolicy(model, reference, optimiser);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** {@return the transformer as it is now; the next step changes it, and closing the policy closes it} */
    public Transformer transformer() {
        return live;
    }

    /**
     * The transformer with the moving average of its parameters.
     *
     * @return a model on the average as it goes on; the caller closes it before the policy
     * @throws IllegalStateException if the optimiser keeps no average
     */
    public Transformer averaged() {
        Tensor average = stepper.average();
        if (average == null) {
            throw new IllegalStateException("average is 0; the optimiser keeps no average of the parameters");
        }
        return model.on(average);
    }

    /** {@return how many numbers are trained} */
    public long trainedParameters() {
        return parameters.count();
    }

    /** {@return how many steps were taken} */
    public long steps() {
        return stepper.steps();
    }

    @Override
    public StepReport step(List<Continuation> batch, Objective objective) {
        check(batch);
        ProcessGroup together = processes;
        return advance(together == null ? gradient.of(batch, objective) : ofShare(batch, objective, together));
    }

    /**
     * Takes each step from now on together with other processes that hold the same model, have taken as many steps, and are given
     * the same batches: each computes its share, and what is reported is of the whole batch. Sums are made in another order than
     * in one process, so that the last bits differ.
     *
     * @param group the processes
     * @throws IOException if they do not hold the same model
     */
    public void stepTogether(ProcessGroup group) throws IOException {
        double norm =
                Native.make(() -> Native.within(() -> parameters.values().norm().item_double()));
        double[] sums = group.sum(new double[] {steps(), norm});
        if (sums[0] != (double) group.size() * steps()
                || Math.abs(sums[1] - group.size() * norm) > 1e-9 * group.size() * norm) {
            throw new IOException("the processes do not hold the same model at the same step");
        }
        processes = group;
    }

    /**
     * Takes each step together with other processes, as {@link #stepTogether} does, and shares out what is drawn and scored
     * between steps, by this policy and by its reference and anchor: each process must ask for the same, in the same order.
     *
     * @param group the processes
     * @throws IOException if they do not hold the same model
     */
    public void workTogether(ProcessGroup group) throws IOException {
        stepTogether(group);
        drawing = group;
    }

    private PredictiveModel shared(Transformer model) {
        return drawing == null ? model : new SharedModel(model, drawing);
    }

    /** The gradient of this process's share of a batch, which may be none of it; the log-probabilities of the whole batch. */
    private double[][] ofShare(List<Continuation> batch, Objective objective, ProcessGroup together) {
        List<Integer> own = together.own(batch.size());
        int[] lengths =
                batch.stream().mapToInt(sequence -> sequence.tokens().length).toArray();
        List<Continuation> share = own.stream().map(batch::get).toList();
        Objective ofShare = objective instanceof SequenceObjective each
                ? (SequenceObjective) (k, logProbs) -> each.weights(own.get(k), logProbs)
                : logProbs -> {
                    double[][] weights = objective.weights(together.gather(spread(own, logProbs, batch), lengths));
                    return own.stream().map(i -> weights[i]).toArray(double[][]::new);
                };
        return together.gather(spread(own, gradient.of(share, ofShare), batch), lengths);
    }

    private static double[][] spread(List<Integer> own, double[][] rows, List<Continuation> batch) {
        double[][] all = new double[batch.size()][];
        for (int k = 0; k < rows.length; k++) {
            all[own.get(k)] = rows[k];
        }
        return all;
    }

    @Override
    public StepReport stepOnDistributions(List<Continuation> batch, DistributionObjective objective) {
        check(batch);
        if (processes != null) {
            throw new IllegalStateException("objectives of whole distributions are stepped on by one process alone");
        }
        return advance(gradient.ofDistributions(batch, objective));
    }

    private StepReport advance(double[][] logProbs) {
        double norm = gradient.norm(processes);
        double rate = stepper.optimiser().rate().at(stepper.steps());
        if (Double.isFinite(norm)) {
            stepper.step(gradient.sum(), norm, live.backend().workers());
        }
        return new StepReport(stepper.steps(), logProbs, norm, rate);
    }

    private void check(List<Continuation> batch) {
        if (batch.isEmpty()) {
            throw new IllegalArgumentException("batch is empty; a step needs at least one continuation");
        }
        int context = live.architecture().context();
        for (Continuation continuation : batch) {
            vocabulary().check(continuation.prompt());
            vocabulary().check(continuation.tokens());
            if (!(Packing.rows(continuation) <= context)) {
                throw new ContextWindowException(
                        (long) continuation.prompt().length + continuation.tokens().length, context);
            }
        }
    }

    /** The gradient of the last step (P), for tests. */
    BatchGradient gradient() {
        return gradient;
    }

    Stepper stepper() {
        return stepper;
    }

    Parameters parameters() {
        return parameters;
    }

    @Override
    public double rounding() {
        return ROUNDING;
    }

    @Override
    public PredictiveModel reference() {
        return shared(base);
    }

    @Override
    public PredictiveModel anchor() {
        return shared(anchor.or(base));
    }

    @Override
    public void moveAnchor() {
        anchor.move();
    }

    /** {@inheritDoc} A head of one number on a trunk of its own, which begins as the reference. */
    @Override
    public StateValues values(Optimiser optimiser) {
        TransformerValues made = new TransformerValues(base, optimiser);
        values.add(made);
        return made;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        PolicyState.write(parameters, stepper, anchor, out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        PolicyState.read(parameters, stepper, anchor, in);
    }

    @Override
    public Vocabulary vocabulary() {
        return live.vocabulary();
    }

    @Override
    public double[][] nextLogProbs(List<int[]> prefixes) {
        return live.nextLogProbs(prefixes);
    }

    @Override
    public double[][] logProbs(List<Continuation> continuations) {
        return shared(live).logProbs(continuations);
    }

    @Override
    public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
        return shared(live).sample(prompt, n, sampling, random);
    }

    @Override
    public List<List<Sample>> sample(List<int[]> prompts, int n, Sampling sampling, RandomGenerator random) {
        return shared(live).sample(prompts, n, sampling, random);
    }

    @Override
    public void close() {
        values.forEach(TransformerValues::close);
        anchor.close();
        gradient.close();
        stepper.close();
        model.close();
    }
}
