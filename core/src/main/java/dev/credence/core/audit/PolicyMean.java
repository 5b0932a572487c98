package dev.credence.core.audit;

import java.io.Serializable;

/**
 * The policy's mean reward in one prompt, by its own records.
 *
 * @param mean of the reward
 * @param error its standard error; no less than {@code reach}
 * @param reach what one record that the policy has not shown, of the prior's farthest reward, could change of the mean in a direction
 * @serial exclude
 */
record PolicyMean(double mean, double error, double reach) implements Serializable {
    // What is summed over the policy's records.
    private static final int DRAWS = 0;
    private static final int REWARDS = 1;

    // What is summed over its units.
    private static final int UNITS = 0;
    private static final int UNIT_SQUARES = 1;
    private static final int UNIT_FIELDS = 2;

    private static double[] sums(Atoms atoms) {
        return atoms.sum(2, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                if (block.stratum[i] == RolloutLog.POLICY) {
                    double draws = 1 / atoms.kept(block.start + i);
                    into[DRAWS] += draws;
                    into[REWARDS] += draws * block.reward[i];
                }
            }
        });
    }

    /** The mean alone. */
    static double of(Atoms atoms) {
        double[] policy = sums(atoms);
        return policy[REWARDS] / policy[DRAWS];
    }

    /** Of records of both sources; {@code sign} is the direction in which the mean may be further than it seems. */
    static PolicyMean of(Atoms atoms, int sign) {
        double[] policy = sums(atoms);
        double mean = policy[REWARDS] / policy[DRAWS];
        double records = atoms.records(RolloutLog.POLICY);
        double[] squares = atoms.sumUnits(UNIT_FIELDS, 1, () -> deviations(atoms, mean), PolicyMean::addUnits);
        double units = squares[UNITS];
        double farthest = atoms.limits((block, i) -> block.stratum[i] == RolloutLog.PRIOR
                        ? (sign * (block.reward[i] - mean)) / atoms.policyKept(block.start + i)
                        : Double.NaN)
                .upper();
        double reach = Math.max(0, farthest) * records / units / policy[DRAWS];
        double spread = units < 2
                ? records * ofRecords(atoms, mean) // records of a unit may all be alike
                : units / (units - 1) * squares[UNIT_SQUARES];
        return new PolicyMean(mean, Math.hypot(Math.sqrt(spread) / policy[DRAWS], reach), reach);
    }

    private static Atoms.Columns deviations(Atoms atoms, double mean) {
        return (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                into[0][i] = block.stratum[i] == RolloutLog.POLICY
                        ? (block.reward[i] - mean) / atoms.kept(block.start + i)
                        : 0;
            }
        };
    }

    /** Σ of the squared deviations of records. */
    private static double ofRecords(Atoms atoms, double mean) {
        return atoms.sum(1, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                double from = (block.reward[i] - mean) / atoms.kept(block.start + i);
                into[0] += block.stratum[i] == RolloutLog.POLICY ? from * from : 0;
            }
        })[0];
    }

    private static void addUnits(UnitColumns units, double[] sums) {
        for (int i = 0; i < units.count; i++) {
            if (units.stratum(i) == RolloutLog.POLICY) {
                double own = units.columns[0][i];
                sums[UNITS]++;
                sums[UNIT_SQUARES] += own * own;
            }
        }
    }
}
