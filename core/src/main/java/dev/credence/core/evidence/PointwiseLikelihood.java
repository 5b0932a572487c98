package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;
import java.util.Arrays;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Evidence that each text's own reward decides, whatever the other texts have: it can be asked of one text at a time, and be
 * bounded by the reward's bounds.
 */
interface PointwiseLikelihood extends RewardLikelihood {
    /**
     * The log-likelihood of a text.
     *
     * @param reward its reward, one that is allowed; NaN stays NaN
     * @return nats
     */
    double of(double reward);

    /**
     * Whether the evidence is about such a reward at all.
     *
     * @param reward any number
     * @return false for ∞; NaN may be let through, to be NaN as a log-likelihood, which the posterior refuses
     */
    default boolean allows(double reward) {
        return reward != Double.POSITIVE_INFINITY;
    }

    /** {@return what a reward must be, to end a sentence} */
    default String rule() {
        return "it must be a number below infinity";
    }

    /**
     * Bounds of the log-likelihood.
     *
     * @param reward bounds of the reward
     * @return bounds that hold for every reward between that is allowed
     */
    LogBounds of(ValueBounds reward);

    @Override
    default @Nullable String refused(double[] reward) {
        OptionalDouble least = Arrays.stream(reward).filter(r -> !allows(r)).min();
        return least.isEmpty() ? null : "the reward is " + least.getAsDouble() + "; " + rule();
    }

    @Override
    default double[] logLikelihoods(double[] reward, double[] priorProbability) {
        AtomChecks.check(reward, priorProbability);
        double[] logLikelihood = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            if (!allows(reward[i])) {
                throw new IllegalArgumentException("reward of atom " + i + " is " + reward[i] + "; " + rule());
            }
            logLikelihood[i] = of(reward[i]);
        }
        return logLikelihood;
    }
}
