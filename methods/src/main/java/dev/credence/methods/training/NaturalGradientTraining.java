package dev.credence.methods.training;

import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.random.RandomGenerator;

/** Full steps until the next one would pass the KL; that one is shortened to meet it. */
final class NaturalGradientTraining implements Training {
    private static final String STATE = "natural gradient";
    private static final int HALVINGS = 60;
    private static final double STILL = 1e-16; // nats, mean change by a step

    private final TrainablePolicy policy;
    private final RolloutSource source;
    private final Surrogate surrogate;
    private final double target;
    private long steps;
    private long modelCalls;
    private boolean reached;
    private boolean stalled;

    NaturalGradientTraining(TrainablePolicy policy, RolloutSource source, Surrogate surrogate, double target) {
        this.policy = policy;
        this.source = source;
        this.surrogate = surrogate;
        this.target = target;
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        Rollouts before = source.next(policy, random);
        byte[] state = policyState();
        StepReport report = take(before, 1);
        Rollouts after = source.next(policy, random);
        double low = 0;
        double high = 1;
        if (kl(after) >= target) {
            reached = true;
            for (int i = 0; i < HALVINGS; i++) {
                double middle = (low + high) / 2;
                restorePolicy(state);
                report = take(before, middle);
                if (kl(source.next(policy, random)) < target) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            after = source.next(policy, random);
        }
        modelCalls += 3L * before.size();
        double[] moved = new double[before.size()];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = Math.abs(Rollouts.sum(after.drawnLogProbs()[i]) - Rollouts.sum(before.drawnLogProbs()[i]));
        }
        stalled = !reached && before.mean(moved) < STILL;
        return new TrainingStep(
                ++steps,
                after.mean(after.reward()),
                kl(after),
                0,
                report.gradientNorm(),
                surrogate.beta(),
                0,
                modelCalls,
                TrainingStep.Signals.of(surrogate.beta() * kl(after) - after.mean(after.reward()), after.entropy()));
    }

    private StepReport take(Rollouts rollouts, double scale) {
        return policy.step(
                rollouts.batch(),
                new SurrogateObjective(rollouts, surrogate, source.task().horizon(), scale));
    }

    private static double kl(Rollouts rollouts) {
        return rollouts.mean(rollouts.logRatios());
    }

    private byte[] policyState() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            policy.save(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
    }

    private void restorePolicy(byte[] state) {
        try {
            policy.restore(new ByteArrayInputStream(state));
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
    }

    @Override
    public boolean isConverged() {
        return reached;
    }

    /** Where nothing moves, as all rewards are equal or the best have it all; without a KL to reach it takes its steps all the same. */
    @Override
    public boolean isStalled() {
        return stalled && target < Double.POSITIVE_INFINITY;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        new NaturalProgress(steps, modelCalls, reached).save(STATE, out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        NaturalProgress saved = NaturalProgress.read(STATE, in);
        steps = saved.steps();
        modelCalls = saved.modelCalls();
        reached = saved.reached();
    }
}
