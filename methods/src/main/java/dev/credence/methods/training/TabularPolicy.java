package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.DistillablePolicy;
import dev.credence.core.training.DistributionObjective;
import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A table as a policy that trains: one logit a completion and prompt, softmax over them. A completion is one token that
 * ends the text: token i is outcome i of the prompt, and prompt c is the single id c. An outcome of prior 0 keeps it.
 *
 * <p>Its gradients are exact, in double precision. NATURAL divides by the Fisher matrix of the whole table, prompts weighted
 * as the table weighs them, so that ascent of an expectation is mirror descent (docs/theory.md#mirror-descent).
 */
public final class TabularPolicy implements DistillablePolicy {
    private static final String STATE = "table";

    private final TableModel start;
    private final LogitTable policy;
    private final LogitTable reference;
    private final LogitTable anchor;
    private final LogitOptimiser optimiser;
    private final double[] promptWeight; // (prompts)
    private final double[][] averaged; // (prompts) (outcomes), empty without averaging

    /**
     * A policy that starts as a table.
     *
     * @param start the prior
     * @param optimiser how it steps
     */
    public TabularPolicy(TableModel start, Optimiser optimiser) {
        this.start = start;
        this.policy = LogitTable.of(start);
        this.reference = LogitTable.of(start);
        this.anchor = LogitTable.of(start);
        this.optimiser = new LogitOptimiser(optimiser, policy.logits());
        this.promptWeight = start.prompts().stream().mapToDouble(start::weight).toArray();
        this.averaged = LogitOptimiser.zeros(policy.logits());
        LogitOptimiser.copy(policy.logits(), averaged);
    }

    /**
     * The id of a prompt.
     *
     * @param prompt its position among the table's prompts
     * @return its ids
     */
    public static int[] ids(int prompt) {
        return new int[] {prompt};
    }

    /** {@return the policy as it is now, with the prior's prompts, weights and outcomes} */
    public TableModel table() {
        return table(policy.logits());
    }

    /** {@return the moving average of the logits as a policy; the policy itself where none is kept} */
    public TableModel averageTable() {
        return optimiser.average() > 0 ? table(averaged) : table();
    }

    private TableModel table(double[][] logits) {
        List<String> prompts = start.prompts();
        return start.map(
                (prompt, prior) -> Distribution.ofLogWeights(prior.outcomes(), logits[prompts.indexOf(prompt)]));
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
    public PredictiveModel reference() {
        return reference;
    }

    @Override
    public PredictiveModel anchor() {
        return anchor;
    }

    @Override
    public void moveAnchor() {
        LogitOptimiser.copy(policy.logits(), anchor.logits());
    }

    @Override
    public StepReport step(List<Continuation> batch, Objective objective) {
        double[][] logProbs = policy.logProbs(batch);
        double[][] weights = objective.weights(logProbs);
        requireShape(logProbs, weights);
        double[][] pull = LogitOptimiser.zeros(policy.logits());
        for (int i = 0; i < weights.length; i++) {
            if (weights[i].length > 0) {
                pull[policy.row(batch.get(i).prompt())][batch.get(i).tokens()[0]] += weights[i][0];
            }
        }
        double[][] gradient = LogitOptimiser.zeros(policy.logits());
        for (int c = 0; c < gradient.length; c++) {
            addThroughSoftmax(c, pull[c], gradient[c]);
        }
        return finish(logProbs, gradient);
    }

    @Override
    public StepReport stepOnDistributions(List<Continuation> batch, DistributionObjective objective) {
        double[][] gradient = LogitOptimiser.zeros(policy.logits());
        for (int i = 0; i < batch.size(); i++) {
            int c = policy.row(batch.get(i).prompt());
            for (int t = 0; t < batch.get(i).tokens().length; t++) {
                double[] weights = new double[vocabulary().size()];
                objective.weights(i, t, policy.next(c), weights);
                addThroughSoftmax(c, Arrays.copyOf(weights, policy.width(c)), gradient[c]);
            }
        }
        return finish(policy.logProbs(batch), gradient);
    }

    /** Through log π_j = z_j − log Σ e^z: the derivative by z_i is w_i − π_i Σ w. */
    private void addThroughSoftmax(int c, double[] weights, double[] gradient) {
        double[] logProbs = policy.next(c);
        double sum = Arrays.stream(weights).sum();
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] += weights[i] - Math.exp(logProbs[i]) * sum;
        }
    }

    private StepReport finish(double[][] logProbs, double[][] gradient) {
        double square = 0;
        for (double[] row : gradient) {
            square += Arrays.stream(row).map(g -> g * g).sum();
        }
        double norm = Math.sqrt(square);
        double rate = optimiser.nextRate();
        if (Double.isFinite(norm)) {
            optimiser.ascend(policy.logits(), optimiser.isNatural() ? natural(gradient) : gradient, norm);
            policy.normalise();
            average();
        }
        return new StepReport(optimiser.steps(), logProbs, norm, rate);
    }

    /** F⁻¹g of one softmax is g/π up to a constant, which the softmax forgets; the whole table's F weighs prompts. */
    private double[][] natural(double[][] gradient) {
        double[][] natural = LogitOptimiser.zeros(gradient);
        for (int c = 0; c < natural.length; c++) {
            double[] logProbs = policy.next(c);
            for (int i = 0; i < natural[c].length; i++) {
                double mass = promptWeight[c] * Math.exp(logProbs[i]);
                natural[c][i] = mass > 0 ? gradient[c][i] / mass : 0;
            }
        }
        return natural;
    }

    private void average() {
        double decay = optimiser.average();
        for (int c = 0; c < averaged.length; c++) {
            for (int i = 0; i < averaged[c].length; i++) {
                double now = policy.logits()[c][i];
                averaged[c][i] = now > Double.NEGATIVE_INFINITY ? decay * averaged[c][i] + (1 - decay) * now : now;
            }
        }
    }

    static void requireShape(double[][] logProbs, double[][] weights) {
        boolean good = weights.length == logProbs.length
                && IntStream.range(0, weights.length).allMatch(i -> weights[i].length == logProbs[i].length);
        if (!good) {
            throw new IllegalArgumentException("weights are of " + weights.length
                    + " sequences or lengths that differ; they must have the shape of the " + logProbs.length
                    + " sequences' log-probabilities");
        }
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("outcomes", widths())
                .numbers("logits", LogitOptimiser.flat(policy.logits()))
                .numbers("average", LogitOptimiser.flat(averaged))
                .numbers("anchor", LogitOptimiser.flat(anchor.logits()));
        optimiser.save(state);
        state.write(out);
    }

    /** (prompts) outcomes of each. */
    private long[] widths() {
        return Arrays.stream(policy.logits()).mapToLong(row -> row.length).toArray();
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        if (!Arrays.equals(state.wholes("outcomes"), widths())) {
            throw new IOException("the saved state is not that of a table of this shape");
        }
        double[][] logits = LogitOptimiser.rows("logits", policy.logits(), state);
        double[][] means = LogitOptimiser.rows("average", averaged, state);
        double[][] anchored = LogitOptimiser.rows("anchor", anchor.logits(), state);
        Runnable restored = optimiser.restore(state);
        LogitOptimiser.copy(logits, policy.logits());
        LogitOptimiser.copy(means, averaged);
        LogitOptimiser.copy(anchored, anchor.logits());
        restored.run();
    }

    @Override
    public void close() {
        // holds nothing outside the heap
    }
}
