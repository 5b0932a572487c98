package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;

/** What is said of a text by the probability that a rater approves of it, the more the better. */
interface ApprovalProbability extends PointwiseLikelihood {
    @Override
    default LogBounds of(ValueBounds reward) {
        ValueBounds probability = AtomChecks.probability(reward);
        return new LogBounds(of(probability.lower()), of(probability.upper()));
    }

    @Override
    default boolean allows(double reward) {
        return reward >= 0 && reward <= 1;
    }

    @Override
    default String rule() {
        return "an approval probability must be in [0, 1]";
    }
}
