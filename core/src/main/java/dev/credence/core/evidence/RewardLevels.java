package dev.credence.core.evidence;

import java.util.Arrays;

/** The distinct rewards of one prompt's atoms, ascending, with the prior's mass at, below and above each. */
final class RewardLevels {
    private final int[] levelOf; // (atoms)
    private final double[] level; // (levels), ascending
    private final double[] mass; // (levels), sums to 1
    private final double[] below; // (levels), mass of smaller rewards
    private final double[] above; // (levels), mass of larger rewards

    private RewardLevels(int[] levelOf, double[] level, double[] mass) {
        this.levelOf = levelOf;
        this.level = level;
        this.mass = mass;
        int n = level.length;
        this.below = new double[n];
        this.above = new double[n];
        for (int g = 1; g < n; g++) { // each from its own end, so that small tails keep their digits
            below[g] = below[g - 1] + mass[g - 1];
            above[n - 1 - g] = above[n - g] + mass[n - g];
        }
    }

    static RewardLevels of(double[] reward, double[] priorProbability) {
        AtomChecks.check(reward, priorProbability);
        double[] sorted = new double[reward.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = reward[i] + 0.0; // −0.0 and 0.0 are one level
        }
        Arrays.sort(sorted);
        int levels = 0;
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                sorted[levels++] = sorted[i];
            }
        }
        double[] level = Arrays.copyOf(sorted, levels);
        int[] levelOf = new int[reward.length];
        double[] mass = new double[levels];
        double sum = 0;
        for (int i = 0; i < reward.length; i++) {
            levelOf[i] = Arrays.binarySearch(level, reward[i] + 0.0);
            mass[levelOf[i]] += priorProbability[i];
            sum += priorProbability[i];
        }
        for (int g = 0; g < levels; g++) {
            mass[g] /= sum;
        }
        return new RewardLevels(levelOf, level, mass);
    }

    int count() {
        return level.length;
    }

    double reward(int g) {
        return level[g];
    }

    double mass(int g) {
        return mass[g];
    }

    double below(int g) {
        return below[g];
    }

    double above(int g) {
        return above[g];
    }

    /** Gives every atom its level's value; (levels) to (atoms). */
    double[] toAtoms(double[] ofLevel) {
        double[] ofAtom = new double[levelOf.length];
        for (int i = 0; i < ofAtom.length; i++) {
            ofAtom[i] = ofLevel[levelOf[i]];
        }
        return ofAtom;
    }
}
