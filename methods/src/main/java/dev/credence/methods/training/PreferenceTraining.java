package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Ascends a preference method's objective, on fresh pairs each step or on all of them. The objective is concave in the
 * log-ratios and curved as the prior weighs them: where steps are natural, they are so in the prior's metric.
 */
final class PreferenceTraining implements Training {
    private static final String STATE = "preferences";

    private final TrainablePolicy policy;
    private final PairSource source;
    private final PreferenceLoss loss;
    private final int samples;
    private final double beta;
    private final @Nullable Pairs all;
    private final boolean paced;
    private final Pace pace;
    private long steps;
    private long modelCalls;

    PreferenceTraining(
            TrainablePolicy policy, TrainingTask task, PreferenceLoss loss, double beta, TrainingSettings settings) {
        this.policy = policy;
        this.source = new PairSource(task, policy.reference());
        this.loss = loss;
        this.beta = beta;
        this.samples = settings.samples();
        TrainingTask.Enumeration enumeration = task.enumeration();
        this.all = settings.population() && enumeration != null
                ? source.enumerated(enumeration).listed()
                : null;
        this.paced = all != null && settings.optimiser().rule() == Optimiser.Rule.NATURAL;
        this.pace = Pace.of(settings, beta * beta); // how fast the slopes of these losses turn
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        Pairs pairs = all != null ? all : source.drawn(samples, random);
        double[][] seen = {{}};
        StepReport report = policy.step(pairs.texts(), logProbs -> {
            double[] ratios = pairs.logRatios(logProbs);
            seen[0] = ratios;
            double[] slopes = loss.slopes(pairs, ratios);
            double[][] weights = new double[logProbs.length][];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = new double[logProbs[i].length];
                Arrays.fill(weights[i], paced ? pace.scale() * Math.exp(ratios[i]) * slopes[i] : slopes[i]);
            }
            return weights;
        });
        modelCalls += (all == null ? 3L : 1L) * pairs.texts().size();
        pace.see(measure(pairs, seen[0]), seen[0]);
        double[] logProbs = new double[seen[0].length];
        Arrays.setAll(logProbs, i -> seen[0][i] + pairs.referenceLogProbs()[i]);
        double descended = -loss.value(pairs, seen[0]);
        TrainingStep.Signals signals = TrainingStep.Signals.of(descended, -mean(pairs, seen[0], logProbs));
        double kl = mean(pairs, seen[0], seen[0]);
        return new TrainingStep(++steps, Double.NaN, kl, 0, report.gradientNorm(), beta, 0, modelCalls, signals);
    }

    /** (n) mass of each text under the policy, as the prior's texts tell it. */
    private static double[] measure(Pairs pairs, double[] ratios) {
        double[] measure = new double[ratios.length];
        for (int i = 0; i < measure.length; i++) {
            measure[i] = pairs.priorMass()[i] * Math.exp(Math.min(300, ratios[i]));
        }
        return measure;
    }

    /** The policy's mean of a figure of texts (n), from texts of the prior weighed by e^ℓ. */
    private static double mean(Pairs pairs, double[] ratios, double[] figure) {
        double[] measure = measure(pairs, ratios);
        double total = 0;
        double sum = 0;
        for (int i = 0; i < measure.length; i++) {
            total += measure[i];
            sum += measure[i] > 0 ? measure[i] * figure[i] : 0;
        }
        return sum / total;
    }

    @Override
    public boolean isConverged() {
        return pace.isConverged();
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE).wholes("steps", steps).wholes("model-calls", modelCalls);
        pace.save(state);
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        pace.restore(state).run();
        steps = savedSteps;
        modelCalls = savedCalls;
    }
}
