package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
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

/**
 * A table as a policy that trains: one logit a completion and prompt, softmax over them. A completion is one token that
 * ends the text: token i is outcome i of the prompt, and prompt c is the single id c. An outcome of prior 0 keeps it.
 *
 * <p>Its gradients are exact, in double precision. NATURAL divides by the Fisher matrix of the whole table, prompts weighted
 * as the table weighs them, so that ascent of an expectation is mirror descent (docs/theory.md#mirror-descent).
 */
public final class TabularPolicy extends LogitPolicy implements DistillablePolicy {
    private static final String STATE = "table";

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
        super(start);
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
    public StepReport step(List<Continuation> batch, Objective objective) {
        double[][] logProbs = policy.logProbs(batch);
        double[][] pull = pull(batch, objective.weights(logProbs), logProbs);
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
}
