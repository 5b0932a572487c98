package dev.credence.methods.training;

import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Rollouts, then so many updates of a surrogate on them. */
final class PolicyGradientTraining implements Training {
    private final TrainablePolicy policy;
    private final RolloutSource source;
    private final int epochs;
    private final AdaptiveKl adaptive;
    private final Pace pace;
    private final RunningValues values = new RunningValues();
    private Surrogate surrogate;
    private long steps;
    private long modelCalls;

    PolicyGradientTraining(
            TrainablePolicy policy,
            RolloutSource source,
            Surrogate surrogate,
            int epochs,
            AdaptiveKl adaptive,
            Pace pace) {
        this.policy = policy;
        this.source = source;
        this.surrogate = surrogate;
        this.epochs = epochs;
        this.adaptive = adaptive;
        this.pace = pace;
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        Rollouts rollouts = source.next(policy, random);
        pace.see(rollouts);
        SurrogateObjective objective = new SurrogateObjective(
                rollouts,
                surrogate,
                source.task().horizon(),
                pace.scale(),
                surrogate.baseline() == Surrogate.Baseline.VALUE
                        ? values.before(Advantages.means(rollouts, surrogate))
                        : new double[0]);
        StepReport report = policy.step(rollouts.batch(), objective);
        for (int epoch = 1; epoch < epochs && report.taken(); epoch++) {
            report = policy.step(rollouts.batch(), objective);
        }
        modelCalls += rollouts.drawn() * (2L + epochs);
        double[][] last = report.logProbs();
        double[] moved = new double[rollouts.size()];
        Arrays.setAll(moved, i -> Rollouts.sum(rollouts.drawnLogProbs()[i]) - Rollouts.sum(last[i]));
        double kl = rollouts.mean(rollouts.logRatios());
        double reward = rollouts.mean(rollouts.reward());
        double entropy = rollouts.entropy();
        double loss = surrogate.beta() * kl - reward - surrogate.entropy() * entropy;
        TrainingStep.Signals signals = TrainingStep.Signals.of(loss, entropy);
        if (epochs > 1) {
            signals = signals.reused(
                    rollouts.effective(Arrays.stream(moved).map(d -> -d).toArray()));
        }
        TrainingStep seen = new TrainingStep(
                ++steps,
                reward,
                kl,
                rollouts.mean(moved),
                report.gradientNorm(),
                surrogate.beta(),
                objective.clipped(last),
                modelCalls,
                signals);
        surrogate = surrogate.withBeta(adaptive.next(surrogate.beta(), kl));
        return seen;
    }

    @Override
    public boolean isConverged() {
        return pace.isConverged();
    }

    @Override
    public void save(OutputStream out) throws IOException {
        double[][] paced = pace.state();
        new TrainingState(
                        "policy gradient",
                        new long[] {steps, modelCalls},
                        new double[] {surrogate.beta()},
                        paced[0],
                        paced[1],
                        paced[2],
                        values.state())
                .write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        TrainingState state = TrainingState.read(in, "policy gradient", 2, 2 + Pace.ROWS);
        steps = state.counts()[0];
        modelCalls = state.counts()[1];
        surrogate = surrogate.withBeta(state.rows()[0][0]);
        pace.restore(state.rows()[1], state.rows()[2], state.rows()[3]);
        values.restore(state.rows()[4]);
    }
}
