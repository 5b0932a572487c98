package dev.credence.core.evidence;

import dev.credence.core.automaton.ValueBounds;

/** Checks of the rewards and masses of one prompt's atoms. */
final class AtomChecks {
    private AtomChecks() {}

    static void check(double[] reward, double[] priorProbability) {
        if (reward.length != priorProbability.length) {
            throw new IllegalArgumentException(
                    reward.length + " rewards but " + priorProbability.length + " prior masses");
        }
        double sum = 0;
        for (int i = 0; i < reward.length; i++) {
            if (!(reward[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "reward of atom " + i + " is " + reward[i] + "; it must be a number below infinity");
            }
            if (!(priorProbability[i] >= 0)) {
                throw new IllegalArgumentException(
                        "prior mass of atom " + i + " is " + priorProbability[i] + "; it must be >= 0");
            }
            sum += priorProbability[i];
        }
        if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("prior masses sum to " + sum + "; the sum must be positive and finite");
        }
    }

    /** What is left of bounds of a reward that is a probability. */
    static ValueBounds probability(ValueBounds reward) {
        return new ValueBounds(Math.min(1, Math.max(0, reward.lower())), Math.min(1, Math.max(0, reward.upper())));
    }
}
