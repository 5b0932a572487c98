package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StateValues;
import dev.credence.core.training.StepReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/**
 * Values of a table's states, one a prompt, as its texts have one token. NATURAL divides a prompt's gradient by its weight.
 */
final class TableValues implements StateValues {
    private static final String STATE = "values";

    private final LogitTable table;
    private final double[] promptWeight;
    private final double[][] values; // (1) (prompts)
    private final LogitOptimiser optimiser;

    TableValues(LogitTable table, double[] promptWeight, Optimiser settings) {
        this.table = table;
        this.promptWeight = promptWeight;
        this.values = new double[1][promptWeight.length];
        this.optimiser = new LogitOptimiser(settings, values);
    }

    @Override
    public double[][] of(List<Continuation> batch) {
        double[][] own = new double[batch.size()][];
        for (int i = 0; i < own.length; i++) {
            own[i] = new double[batch.get(i).tokens().length];
            Arrays.fill(own[i], values[0][table.row(batch.get(i).prompt())]);
        }
        return own;
    }

    @Override
    public StepReport step(List<Continuation> batch, SequenceObjective objective) {
        double[][] before = of(batch);
        double[][] gradient = LogitOptimiser.zeros(values);
        for (int i = 0; i < before.length; i++) {
            int c = table.row(batch.get(i).prompt());
            gradient[0][c] += Arrays.stream(objective.weights(i, before[i])).sum();
        }
        double norm = Math.sqrt(Arrays.stream(gradient[0]).map(g -> g * g).sum());
        double rate = optimiser.nextRate();
        if (Double.isFinite(norm)) {
            if (optimiser.isNatural()) {
                Arrays.setAll(gradient[0], c -> promptWeight[c] > 0 ? gradient[0][c] / promptWeight[c] : 0);
            }
            optimiser.ascend(values, gradient, norm);
        }
        return new StepReport(optimiser.steps(), before, norm, rate);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE).numbers("values", values[0]);
        optimiser.save(state);
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        double[] saved = state.numbers("values", values[0].length);
        Runnable restored = optimiser.restore(state);
        System.arraycopy(saved, 0, values[0], 0, saved.length);
        restored.run();
    }
}
