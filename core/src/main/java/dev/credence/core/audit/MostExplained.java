package dev.credence.core.audit;

import org.hipparchus.special.Gamma;

/**
 * An upper bound of the explained KL that needs no weights: the member of the family is the cheapest distribution with the
 * policy's mean reward R, and the prior restricted to rewards of at least R has no less, at −log P0(r ≥ R) nats. The
 * prior's own draws bound that probability from below (a Poisson count's 95 % limit). With several prompts each may take its
 * own R, for the family is the cheapest way to the mean of all.
 */
final class MostExplained {
    private static final double TAIL = 0.025;

    // What is summed over the prior's records that reach R: the draws they stand for, and their number; and all units.
    private static final int DRAWS = 0;
    private static final int RECORDS = 1;
    private static final int UNITS = 2;

    // What is summed for the policy's mean: draws, and their rewards.
    private static final int REWARDS = 1;

    private MostExplained() {}

    /** The bound, nats; ∞ where a prompt's prior draws show no reward as good as the policy's mean. */
    static double of(PromptPool pool) {
        double bound = 0;
        for (int c = 0; c < pool.size(); c++) {
            bound += pool.weight(c) * of(pool.members().get(c));
        }
        return bound;
    }

    private static double of(PromptAtoms member) {
        Atoms atoms = member.atoms();
        if (!(atoms.strata() > 0 && atoms.records(RolloutLog.PRIOR) > 0 && atoms.records(RolloutLog.POLICY) > 0)) {
            return Double.POSITIVE_INFINITY;
        }
        double mean = policyMean(atoms);
        boolean up = mean >= member.moments().prior().reward();
        double[] sums = atoms.sum(UNITS + 1, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                if (block.stratum[i] == RolloutLog.PRIOR) {
                    double drawn = 1 / atoms.kept(block.start + i);
                    boolean counts = up ? block.reward[i] >= mean : block.reward[i] <= mean;
                    into[DRAWS] += counts ? drawn : 0;
                    into[RECORDS] += counts ? 1 : 0;
                    into[UNITS] += atoms.startsUnit(block.start + i) ? 1 : 0;
                }
            }
        });
        double records = atoms.records(RolloutLog.PRIOR);
        double units =
                Math.max(1, sums[RECORDS] * sums[UNITS] / records); // of those that count, were they spread evenly
        double least = sums[RECORDS] == 0 ? 0 : sums[DRAWS] / atoms.draws(RolloutLog.PRIOR) * leastCount(units) / units;
        return least > 0 ? -Math.log(least) : Double.POSITIVE_INFINITY;
    }

    private static double policyMean(Atoms atoms) {
        double[] sums = atoms.sum(REWARDS + 1, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                double drawn = block.stratum[i] == RolloutLog.POLICY ? 1 / atoms.kept(block.start + i) : 0;
                into[DRAWS] += drawn;
                into[REWARDS] += drawn * block.reward[i];
            }
        });
        return sums[REWARDS] / sums[DRAWS];
    }

    /** The mean of a Poisson count that reaches {@code count} with a probability of 2.5 %: P(count, mean) = .025. */
    static double leastCount(double count) {
        double low = 0;
        double high = count;
        for (int k = 0; k < 60; k++) {
            double middle = 0.5 * (low + high);
            if (Gamma.regularizedGammaP(count, middle) < TAIL) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
