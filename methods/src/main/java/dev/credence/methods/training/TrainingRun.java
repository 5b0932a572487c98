package dev.credence.methods.training;

import dev.credence.core.model.NotFiniteException;
import dev.credence.core.training.Resumable;
import dev.credence.core.training.SavedState;
import dev.credence.methods.TrainingEnd;
import dev.credence.methods.training.TrainingDivergedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;

/**
 * The loop of a training: steps until they are over, nothing changes any more, a KL is reached, or it diverges. Its state is the
 * training's, with the steps taken and whether it has ended; saved at {@link StepListener#passed} with the policy and the
 * generator, it goes on to the same bits.
 */
public final class TrainingRun implements Resumable {
    private static final String STATE = "run";

    private final Training training;
    private final int steps;
    private final double stopAtKl;
    private final TrainingLimits limits;
    private TrainingStep last = new TrainingStep(0, Double.NaN, 0, 0, 0, Double.NaN, 0, 0);
    private int thin; // steps in a row with too few effective rollouts
    private double equal; // sum over steps of the share of groups that taught nothing
    private long compared; // steps that have such a share
    private End end = End.NONE;

    /** Why no further step is taken. */
    private enum End {
        NONE,
        CONVERGED,
        AT_KL,
        STALLED
    }

    /**
     * A run in which only figures that are not finite are a divergence.
     *
     * @param training what is run
     * @param steps at most
     * @param stopAtKl nats; a step whose rollouts reach it is the last. ∞ for no such stop
     */
    public TrainingRun(Training training, int steps, double stopAtKl) {
        this(training, steps, stopAtKl, TrainingLimits.NONE);
    }

    /**
     * A run.
     *
     * @param training what is run
     * @param steps at most
     * @param stopAtKl nats; a step whose rollouts reach it is the last, and the run has done what it was asked. ∞ for no
     *     such stop
     * @param limits past which it has diverged
     */
    public TrainingRun(Training training, int steps, double stopAtKl, TrainingLimits limits) {
        this.training = training;
        this.steps = steps;
        this.stopAtKl = stopAtKl;
        this.limits = limits;
    }

    /**
     * Why a run ended.
     *
     * @param last step taken
     * @param why in words
     * @param arrived whether nothing is left to do: nothing changes any more, or the KL at which it stops is reached
     * @param equalGroups share of the groups of all steps whose texts were all rewarded alike; empty where none are compared
     */
    public record Outcome(TrainingStep last, String why, boolean arrived, OptionalDouble equalGroups) {
        /** {@return how it ended, of a training that is not to run to its limit} */
        public TrainingEnd end() {
            return new TrainingEnd(why, false, true, OptionalDouble.empty(), last.gradientNorm(), equalGroups);
        }
    }

    /** Is told of each step. */
    @FunctionalInterface
    public interface StepListener {
        /**
         * A step was taken; it may yet turn out to have diverged.
         *
         * @param step what was measured
         */
        void measured(TrainingStep step);

        /**
         * The step has not diverged, as far as it shows: what it led to is seen in the next one only.
         *
         * @param step the same
         */
        default void passed(TrainingStep step) {}
    }

    /**
     * Runs, from the state it has to the end.
     *
     * @param random source of all randomness
     * @param listener is told each step
     * @return how it ended
     * @throws TrainingDivergedException if a step shows that it has diverged
     */
    public Outcome run(RandomGenerator random, StepListener listener) {
        while (end == End.NONE && last.step() < steps) {
            TrainingStep step = step(random);
            listener.measured(step);
            thin = limits.isThin(step) ? thin + 1 : 0;
            limits.check(step, thin);
            last = step;
            step.signals().equalGroups().ifPresent(share -> {
                equal += share;
                compared++;
            });
            end = training.isConverged()
                    ? End.CONVERGED
                    : step.kl() >= stopAtKl ? End.AT_KL : training.isStalled() ? End.STALLED : End.NONE;
            listener.passed(step);
        }
        return new Outcome(
                last,
                why(),
                end == End.CONVERGED || end == End.AT_KL,
                compared == 0 ? OptionalDouble.empty() : OptionalDouble.of(equal / compared));
    }

    private TrainingStep step(RandomGenerator random) {
        try {
            return training.step(random);
        } catch (NotFiniteException e) {
            throw new TrainingDivergedException(last.step() + 1, Reason.POLICY, Double.NaN, Double.POSITIVE_INFINITY);
        }
    }

    /** {@return the last step that was taken and had not diverged; its number is 0 before the first} */
    public TrainingStep last() {
        return last;
    }

    private String why() {
        return switch (end) {
            case CONVERGED -> "nothing changes any more";
            case AT_KL -> "the KL from the prior has reached " + stopAtKl + " nats";
            case STALLED -> "further steps bring it no nearer";
            case NONE -> "all " + steps + " steps are taken";
        };
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("thin", thin)
                .wholes("end", end.ordinal())
                .numbers("equal", equal)
                .wholes("compared", compared);
        last.save(state);
        state.write(out);
        training.save(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        TrainingStep savedLast = TrainingStep.of(state);
        long savedThin = state.whole("thin");
        long savedEnd = state.whole("end");
        if (!(savedEnd >= 0 && savedEnd < End.values().length)) {
            throw new IOException(
                    "field 'end' of the saved state of 'run' is " + savedEnd + ": it is of another version");
        }
        double savedEqual = state.number("equal");
        long savedCompared = state.whole("compared");
        training.restore(in);
        equal = savedEqual;
        compared = savedCompared;
        last = savedLast;
        end = End.values()[(int) savedEnd];
        thin = (int) savedThin;
    }
}
