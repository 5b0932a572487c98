package dev.credence.methods.training;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The loop of a training: steps until they are over, nothing changes any more, or a KL is reached. */
public final class TrainingRun {
    private final Training training;
    private final int steps;
    private final double stopAtKl;

    /**
     * A run.
     *
     * @param training what is run
     * @param steps at most
     * @param stopAtKl nats; a step whose rollouts reach it is the last. ∞ for no such stop
     */
    public TrainingRun(Training training, int steps, double stopAtKl) {
        this.training = training;
        this.steps = steps;
        this.stopAtKl = stopAtKl;
    }

    /**
     * Why a run ended.
     *
     * @param last step taken
     * @param why in words
     */
    public record Outcome(TrainingStep last, String why) {}

    /**
     * Runs.
     *
     * @param random source of all randomness
     * @param listener is told each step
     * @return how it ended
     * @throws TrainingDivergedException if a gradient is not finite; the policy is as it was before
     */
    public Outcome run(RandomGenerator random, Consumer<TrainingStep> listener) {
        TrainingStep last = new TrainingStep(0, Double.NaN, 0, 0, 0, Double.NaN, 0, 0);
        for (int s = 0; s < steps; s++) {
            last = training.step(random);
            listener.accept(last);
            if (!Double.isFinite(last.gradientNorm())) {
                throw new TrainingDivergedException(
                        last.step(),
                        "the gradient's norm is " + last.gradientNorm(),
                        "lower --lr, or raise --beta if the rewards are large beside it");
            }
            if (training.isConverged()) {
                return new Outcome(last, "nothing changes any more");
            }
            if (last.kl() >= stopAtKl) {
                return new Outcome(last, "the KL from the prior has reached " + stopAtKl + " nats");
            }
        }
        return new Outcome(last, "all " + steps + " steps are taken");
    }
}
