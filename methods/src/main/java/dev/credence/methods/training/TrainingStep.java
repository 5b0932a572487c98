package dev.credence.methods.training;

import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One step in figures.
 *
 * @param step from 1
 * @param reward mean of the rollouts
 * @param kl estimate of KL(policy‖reference) over whole texts, nats: exact on an enumeration, else the mean of log-ratios
 * @param movedKl estimate of KL(policy that drew them‖policy) before the step's last update, nats a text
 * @param gradientNorm of the last update; not finite where it was not taken
 * @param beta KL coefficient in force
 * @param clipped share of the ratios that were clipped at the last update
 * @param modelCalls texts computed or drawn so far, by policy and reference; equal ones each time they were drawn
 * @param signals what only some methods have
 */
public record TrainingStep(
        long step,
        double reward,
        double kl,
        double movedKl,
        double gradientNorm,
        double beta,
        double clipped,
        long modelCalls,
        Signals signals) {
    /**
     * How near a policy is to a conditional on the reward, by a step's own rollouts.
     *
     * @param copies λ at equal mean reward where exact, else the slope of the log-ratio in the reward under the policy; NaN where no
     *     reward varies, or all are at one end
     * @param fraction Bayes fraction where exact, else the most that it can be; NaN without a move
     * @param isExact whether all texts were enumerated
     */
    public record Conditional(double copies, double fraction, boolean isExact) {
        /** Nothing told. */
        public static final Conditional NONE = new Conditional(Double.NaN, Double.NaN, false);
    }

    /**
     * Figures that a method may have.
     *
     * @param loss what it descends, as it estimates it
     * @param entropy of whole texts of the policy, nats
     * @param effective share of the rollouts that their importance weights leave, (Σw)²/(n Σw²), where they are reused
     * @param movedKlByEpoch where they are reused, KL(policy that drew them‖policy) after each epoch's update, nats a text
     * @param equalGroups share of the prompts whose texts were all rewarded alike, where groups are compared
     * @param valueError root of the mean square by which the values of states miss what they learn, where there are such
     * @param conditional how near the policy is to a conditional on the reward
     */
    public record Signals(
            OptionalDouble loss,
            OptionalDouble entropy,
            OptionalDouble effective,
            List<Double> movedKlByEpoch,
            OptionalDouble equalGroups,
            OptionalDouble valueError,
            Conditional conditional) {
        /**
         * Copies the list.
         *
         * @param loss as above
         * @param entropy as above
         * @param effective as above
         * @param movedKlByEpoch as above
         * @param equalGroups as above
         * @param valueError as above
         * @param conditional as above
         */
        public Signals {
            movedKlByEpoch = List.copyOf(movedKlByEpoch);
        }

        /** Nothing measured. */
        public static final Signals NONE = new Signals(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                Conditional.NONE);

        /**
         * Loss and entropy.
         *
         * @param loss as above
         * @param entropy as above
         * @return the signals
         */
        public static Signals of(double loss, double entropy) {
            return new Signals(
                    OptionalDouble.of(loss),
                    OptionalDouble.of(entropy),
                    OptionalDouble.empty(),
                    List.of(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    Conditional.NONE);
        }

        /**
         * These signals of a step whose rollouts tell more.
         *
         * @param told as above
         * @return a changed copy
         */
        public Signals with(Conditional told) {
            return new Signals(loss, entropy, effective, movedKlByEpoch, equalGroups, valueError, told);
        }

        /**
         * These signals of a step that compared groups.
         *
         * @param share of the groups whose texts were all rewarded alike
         * @return a changed copy
         */
        public Signals withEqualGroups(double share) {
            return new Signals(
                    loss, entropy, effective, movedKlByEpoch, OptionalDouble.of(share), valueError, conditional);
        }

        /**
         * These signals of a step that has values of states.
         *
         * @param error as above
         * @return a changed copy
         */
        public Signals withValueError(double error) {
            return new Signals(
                    loss, entropy, effective, movedKlByEpoch, equalGroups, OptionalDouble.of(error), conditional);
        }

        /**
         * These signals of a step that reused its rollouts.
         *
         * @param share as above
         * @param movedKl by epoch, as above
         * @return a changed copy
         */
        public Signals reused(double share, List<Double> movedKl) {
            return new Signals(loss, entropy, OptionalDouble.of(share), movedKl, equalGroups, valueError, conditional);
        }
    }

    /**
     * A step of a method that measures nothing more.
     *
     * @param step as above
     * @param reward as above
     * @param kl as above
     * @param movedKl as above
     * @param gradientNorm as above
     * @param beta as above
     * @param clipped as above
     * @param modelCalls as above
     */
    public TrainingStep(
            long step,
            double reward,
            double kl,
            double movedKl,
            double gradientNorm,
            double beta,
            double clipped,
            long modelCalls) {
        this(step, reward, kl, movedKl, gradientNorm, beta, clipped, modelCalls, Signals.NONE);
    }

    /** Adds its figures to a state; NaN for what is not measured. */
    void save(SavedState state) {
        state.wholes("step", step)
                .wholes("model-calls", modelCalls)
                .numbers("reward", reward)
                .numbers("kl", kl)
                .numbers("moved-kl", movedKl)
                .numbers("gradient-norm", gradientNorm)
                .numbers("beta", beta)
                .numbers("clipped", clipped)
                .numbers("loss", signals.loss.orElse(Double.NaN))
                .numbers("entropy", signals.entropy.orElse(Double.NaN))
                .numbers("effective", signals.effective.orElse(Double.NaN))
                .numbers("equal-groups", signals.equalGroups.orElse(Double.NaN))
                .numbers("value-error", signals.valueError.orElse(Double.NaN))
                .numbers("copies", signals.conditional.copies)
                .numbers("bayes-fraction", signals.conditional.fraction)
                .wholes("exact", signals.conditional.isExact ? 1 : 0)
                .numbers(
                        "moved-kl-by-epoch",
                        signals.movedKlByEpoch.stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray());
    }

    /** What a state has of it. */
    static TrainingStep of(SavedState state) throws IOException {
        Signals signals = new Signals(
                measured(state.number("loss")),
                measured(state.number("entropy")),
                measured(state.number("effective")),
                Arrays.stream(state.numbers("moved-kl-by-epoch")).boxed().toList(),
                measured(state.number("equal-groups")),
                measured(state.number("value-error")),
                new Conditional(state.number("copies"), state.number("bayes-fraction"), state.whole("exact") == 1));
        return new TrainingStep(
                state.whole("step"),
                state.number("reward"),
                state.number("kl"),
                state.number("moved-kl"),
                state.number("gradient-norm"),
                state.number("beta"),
                state.number("clipped"),
                state.whole("model-calls"),
                signals);
    }

    private static OptionalDouble measured(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
