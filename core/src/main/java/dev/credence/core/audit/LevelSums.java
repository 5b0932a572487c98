package dev.credence.core.audit;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * One prompt's atoms summed by reward, where there are few different rewards: all that a tilt in the reward needs, so
 * that solving for λ costs no further pass over the records.
 *
 * @param reward (levels)
 * @param mass (levels), Σ ū
 * @param logRatio (levels), Σ ū ℓ
 * @param policy (levels), Σ v̄
 * @serial exclude
 */
record LevelSums(double[] reward, double[] mass, double[] logRatio, double[] policy) implements Serializable {
    /** Sums the atoms, or null where they have too many different rewards. */
    static @Nullable LevelSums of(Atoms atoms) {
        LevelIndex index = atoms.levels();
        if (index == null) {
            return null;
        }
        int levels = index.reward().length;
        double[] sums = atoms.sum(3 * levels, (block, into) -> {
            for (int i = 0; i < block.count; i++) {
                int at = 3 * block.level[i];
                double u = block.u[i];
                into[at] += u;
                into[at + 1] += block.isSupported(i) ? u * block.logRatio[i] : 0;
                into[at + 2] += block.v[i];
            }
        });
        return new LevelSums(index.reward(), every(3, 0, sums), every(3, 1, sums), every(3, 2, sums));
    }

    private static double[] every(int stride, int offset, double[] values) {
        double[] own = new double[values.length / stride];
        for (int k = 0; k < own.length; k++) {
            own[k] = values[stride * k + offset];
        }
        return own;
    }

    int size() {
        return reward.length;
    }
}
