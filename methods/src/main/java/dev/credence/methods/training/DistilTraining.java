package dev.credence.methods.training;

import dev.credence.core.training.SavedState;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Ascends Σ m (w − 1) log π with w = e^{λr − ℓ}/Z, Z estimated from the same rollouts, smoothed over steps where they are drawn.
 *
 * <p>It has the end of {@link FDpgTraining} at forward KL and another road, which is why there are two: it draws from the policy of
 * each step, whose rollouts serve once, and takes Z of a step and the few before it, so that its weights are biased where few texts
 * are drawn; that one draws from a proposal that it replaces only by a better one, and averages an unbiased Z over all draws. On
 * enumerated texts it searches its limit as the policy gradients do, whose forces it shares.
 */
final class DistilTraining implements Training {
    private static final String STATE = "distillation";
    private static final double MEMORY = 0.9;
    private static final double MOST = 10; // a weight counts no more, so that one rare text cannot undo a step

    private final TrainablePolicy policy;
    private final RolloutSource source;
    private final double copies;
    private final Pace pace;
    private final @Nullable LimitSearch search;
    private double[] logPartition = {}; // (prompts) nats
    private long steps;
    private long modelCalls;

    DistilTraining(
            TrainablePolicy policy, RolloutSource source, double copies, Pace pace, @Nullable LimitSearch search) {
        this.policy = policy;
        this.source = source;
        this.copies = copies;
        this.pace = pace;
        this.search = search;
    }

    /** w − 1, which e^−ℓ times a constant is less 1. */
    private LimitSearch.Forces forces(Rollouts rollouts, double[] weight) {
        double[] roundoff = new double[rollouts.prompts()];
        double[] ratios = rollouts.logRatios();
        for (int i = 0; i < weight.length; i++) {
            if (rollouts.measure()[i] > 0) {
                double size = 1 + copies * Math.abs(rollouts.reward()[i]) + Math.abs(ratios[i]);
                int c = rollouts.prompt()[i];
                roundoff[c] = Math.max(roundoff[c], 4 * Math.ulp(size));
            }
        }
        return new LimitSearch.Forces() {
            @Override
            public double force(int i, double logProb, double mass) {
                return weight[i];
            }

            @Override
            public double stiffness(int i, double logProb) {
                return weight[i] + 1;
            }

            @Override
            public double[] roundoff() {
                return roundoff;
            }
        };
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        Rollouts rollouts = source.next(policy, random);
        pace.see(rollouts);
        double[] ratios = rollouts.logRatios();
        double[][] found = weights(rollouts, copies, logPartition);
        double[] weight = found[0];
        logPartition = found[1];
        SequenceObjective objective = (i, logProbs) -> {
            double[] weights = new double[logProbs.length];
            Arrays.fill(weights, rollouts.measure()[i] * weight[i] * pace.scale());
            return weights;
        };
        StepReport report = policy.step(
                rollouts.batch(),
                search == null ? objective : search.step(rollouts.prompt(), forces(rollouts, weight)));
        modelCalls += 3L * rollouts.drawn();
        double[] missed = new double[weight.length]; // w log w, whose mean is KL(posterior‖policy)
        Arrays.setAll(missed, i -> weight[i] > -1 ? (weight[i] + 1) * Math.log1p(weight[i]) : 0);
        TrainingStep.Signals signals = TrainingStep.Signals.of(rollouts.mean(missed), rollouts.entropy())
                .with(RolloutConditional.of(policy, rollouts));
        return new TrainingStep(
                ++steps,
                rollouts.mean(rollouts.reward()),
                rollouts.mean(ratios),
                0,
                search == null ? report.gradientNorm() : search.gradientNorm(),
                1 / copies,
                0,
                modelCalls,
                signals);
    }

    /** (n) posterior over policy less 1, and (prompts) log Z; of drawn rollouts smoothed with the one before, if any. */
    static double[][] weights(Rollouts rollouts, double copies, double[] before) {
        double[] ratios = rollouts.logRatios();
        int prompts = rollouts.prompts();
        double[] top = new double[prompts];
        Arrays.fill(top, Double.NEGATIVE_INFINITY);
        double[] logWeight = new double[rollouts.size()];
        for (int i = 0; i < logWeight.length; i++) {
            logWeight[i] =
                    rollouts.measure()[i] > 0 ? copies * rollouts.reward()[i] - ratios[i] : Double.NEGATIVE_INFINITY;
            top[rollouts.prompt()[i]] = Math.max(top[rollouts.prompt()[i]], logWeight[i]);
        }
        double[] sum = new double[prompts];
        double[] mass = new double[prompts];
        for (int i = 0; i < logWeight.length; i++) {
            int c = rollouts.prompt()[i];
            sum[c] += rollouts.measure()[i] * Math.exp(logWeight[i] - top[c]);
            mass[c] += rollouts.measure()[i];
        }
        double[] now = new double[prompts];
        for (int c = 0; c < prompts; c++) {
            now[c] = top[c] + Math.log(sum[c] / mass[c]);
        }
        boolean smoothed = !rollouts.enumerated() && before.length == prompts;
        for (int c = 0; c < prompts && smoothed; c++) {
            now[c] = MEMORY * before[c] + (1 - MEMORY) * now[c];
        }
        Arrays.setAll(logWeight, i -> {
            double w = Math.exp(logWeight[i] - now[rollouts.prompt()[i]]);
            return (rollouts.enumerated() ? w : Math.min(MOST, w)) - 1;
        });
        return new double[][] {logWeight, now};
    }

    @Override
    public boolean isConverged() {
        return search == null ? pace.isConverged() : search.isConverged();
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .numbers("log-partition", logPartition);
        pace.save(state);
        if (search != null) {
            search.save(state);
        }
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        double[] savedPartition = state.numbers("log-partition");
        Runnable searched = search == null ? () -> {} : search.restore(state);
        pace.restore(state).run();
        searched.run();
        steps = savedSteps;
        modelCalls = savedCalls;
        logPartition = savedPartition;
    }
}
