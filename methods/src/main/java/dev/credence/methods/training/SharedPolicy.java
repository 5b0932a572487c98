package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import dev.credence.methods.ConjugateGradients;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The smallest policy that generalises: log π(x|c) = log π0(x|c) + θ_x − log Z_c, one parameter a text, shared by all prompts. What
 * it learns of a text on one prompt it does on every other ({@link #on}), for better or worse: no table of logits does so.
 *
 * <p>Ids are those of {@link TabularPolicy}; weight decay draws θ to 0, the prior. NATURAL divides by the Fisher matrix of θ, Σ_c w_c (diag π_c − π_c π_cᵀ), prompts weighted
 * as the table weighs them, by conjugate gradients.
 */
public final class SharedPolicy extends LogitPolicy {
    private static final String STATE = "shared";

    private final List<String> texts = new ArrayList<>();
    private final int[][] parameter; // (prompts) (outcomes), index of θ
    private final double[][] prior; // (prompts) (outcomes), log-probabilities
    private final double[][] theta; // (1) (texts)
    private final LogitOptimiser optimiser;

    /**
     * A policy that starts as a table.
     *
     * @param start the prior of the prompts it is trained on
     * @param optimiser how it steps
     */
    public SharedPolicy(TableModel start, Optimiser optimiser) {
        super(start);
        this.prior = reference.logits();
        this.parameter = new int[prior.length][];
        Map<String, Integer> index = new LinkedHashMap<>();
        for (int c = 0; c < parameter.length; c++) {
            Distribution given = start.given(start.prompts().get(c));
            parameter[c] = new int[given.size()];
            for (int i = 0; i < given.size(); i++) {
                index.putIfAbsent(given.outcome(i), index.size());
                parameter[c][i] = index.getOrDefault(given.outcome(i), 0);
            }
        }
        texts.addAll(index.keySet());
        this.theta = new double[1][texts.size()];
        this.optimiser = new LogitOptimiser(optimiser, theta);
    }

    /**
     * What it makes of a prior, on prompts it was trained on or not.
     *
     * @param table any prompts; a text that no trained prompt has keeps θ = 0
     * @return the policy on them
     */
    public TableModel on(TableModel table) {
        Map<String, Double> learnt = new LinkedHashMap<>();
        for (int k = 0; k < texts.size(); k++) {
            learnt.put(texts.get(k), theta[0][k]);
        }
        return table.map((prompt, given) -> {
            double[] logits = given.logProbabilities();
            for (int i = 0; i < logits.length; i++) {
                logits[i] += learnt.getOrDefault(given.outcome(i), 0.0);
            }
            return Distribution.ofLogWeights(given.outcomes(), logits);
        });
    }

    @Override
    public StepReport step(List<Continuation> batch, Objective objective) {
        double[][] logProbs = policy.logProbs(batch);
        double[][] pull = pull(batch, objective.weights(logProbs), logProbs);
        double[][] gradient = LogitOptimiser.zeros(theta);
        for (int c = 0; c < pull.length; c++) {
            double sum = Arrays.stream(pull[c]).sum();
            for (int i = 0; i < pull[c].length; i++) {
                gradient[0][parameter[c][i]] += pull[c][i] - Math.exp(policy.logits()[c][i]) * sum;
            }
        }
        double norm = Math.sqrt(Arrays.stream(gradient[0]).map(g -> g * g).sum());
        double rate = optimiser.nextRate();
        if (Double.isFinite(norm)) {
            optimiser.ascend(theta, optimiser.isNatural() ? new double[][] {natural(gradient[0])} : gradient, norm);
            rewrite();
        }
        return new StepReport(optimiser.steps(), logProbs, norm, rate);
    }

    /** The policy's rows from θ. */
    private void rewrite() {
        for (int c = 0; c < prior.length; c++) {
            for (int i = 0; i < prior[c].length; i++) {
                policy.logits()[c][i] = prior[c][i] + theta[0][parameter[c][i]];
            }
        }
        policy.normalise();
    }

    /** F⁻¹g, by conjugate gradients scaled by F's diagonal; a constant, on which nothing depends, is left out. */
    private double[] natural(double[] gradient) {
        int size = gradient.length;
        double[] weight = start.prompts().stream().mapToDouble(start::weight).toArray();
        double[][] mass = new double[prior.length][];
        double[] diagonal = new double[size];
        for (int c = 0; c < mass.length; c++) {
            mass[c] = Arrays.stream(policy.logits()[c]).map(Math::exp).toArray();
            for (int i = 0; i < mass[c].length; i++) {
                diagonal[parameter[c][i]] += weight[c] * mass[c][i];
            }
        }
        return ConjugateGradients.solve(v -> fisher(v, mass, weight), diagonal, gradient, 2 * size, 1e-24);
    }

    private double[] fisher(double[] v, double[][] mass, double[] weight) {
        double[] image = new double[v.length];
        for (int c = 0; c < mass.length; c++) {
            double mean = 0;
            for (int i = 0; i < mass[c].length; i++) {
                mean += mass[c][i] * v[parameter[c][i]];
            }
            for (int i = 0; i < mass[c].length; i++) {
                image[parameter[c][i]] += weight[c] * mass[c][i] * (v[parameter[c][i]] - mean);
            }
        }
        return image;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state =
                SavedState.of(STATE).numbers("theta", theta[0]).numbers("anchor", LogitOptimiser.flat(anchor.logits()));
        optimiser.save(state);
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        double[][] saved = LogitOptimiser.rows("theta", theta, state);
        double[][] anchored = LogitOptimiser.rows("anchor", anchor.logits(), state);
        Runnable restored = optimiser.restore(state);
        LogitOptimiser.copy(saved, theta);
        LogitOptimiser.copy(anchored, anchor.logits());
        restored.run();
        rewrite();
    }
}
