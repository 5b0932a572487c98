package dev.credence.bench.coverage;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Draws that the worlds need and {@link RandomGenerator} does not have. */
final class Draws {
    private Draws() {}

    /** Uniform on the logarithmic scale between two positive numbers. */
    static double logUniform(RandomGenerator random, double low, double high) {
        return low * Math.exp(random.nextDouble() * Math.log(high / low));
    }

    static double uniform(RandomGenerator random, double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    static int oneOf(RandomGenerator random, int... values) {
        return values[random.nextInt(values.length)];
    }

    /** A point of the simplex from the symmetric Dirichlet, (size). */
    static double[] dirichlet(RandomGenerator random, double concentration, int size) {
        double[] weights = new double[size];
        for (int i = 0; i < size; i++) {
            weights[i] = gamma(random, concentration);
        }
        return weights;
    }

    /** Gamma with scale one, by the rejection method of Marsaglia and Tsang (2000). */
    static double gamma(RandomGenerator random, double shape) {
        if (shape < 1) { // their boost: Gamma(a) is Gamma(a + 1) times U^{1/a}
            return gamma(random, shape + 1) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double root = 1 + c * x;
            if (root > 0) {
                double v = root * root * root;
                if (Math.log(1 - random.nextDouble()) < 0.5 * x * x + d * (1 - v + Math.log(v))) {
                    return d * v;
                }
            }
        }
    }

    /** The cumulated sums of weights. */
    static double[] cumulated(double[] weights) {
        double[] sums = weights.clone();
        for (int i = 1; i < sums.length; i++) {
            sums[i] += sums[i - 1];
        }
        return sums;
    }

    /** A position, with probability proportional to the weights whose cumulated sums these are. */
    static int position(RandomGenerator random, double[] cumulated) {
        return at(cumulated, random.nextDouble() * cumulated[cumulated.length - 1]);
    }

    /** Where {@link #at} begins to look: a guide table (Chen and Asau, 1974), so that a draw of many takes a few steps. */
    static final class Guide {
        private final double[] cumulated;
        private final int[] first; // (cells + 1) the position of each cell's lower end
        private final double cell;

        Guide(double[] cumulated) {
            this.cumulated = cumulated;
            int cells = cumulated.length;
            this.first = new int[cells + 1];
            this.cell = cumulated[cells - 1] / cells;
            for (int k = 1; k <= cells; k++) {
                int position = first[k - 1];
                while (position < cells - 1 && cumulated[position] < cell * k) {
                    position++;
                }
                first[k] = position;
            }
        }

        double total() {
            return cumulated[cumulated.length - 1];
        }

        /** The same position as {@link Draws#at}. */
        int at(double value) {
            int position = first[(int) Math.min(value / cell, first.length - 1)];
            while (position > 0 && cumulated[position - 1] > value) { // a quotient that was rounded up
                position--;
            }
            while (position < cumulated.length - 1 && cumulated[position] <= value) {
                position++;
            }
            return position;
        }
    }

    /** The position whose stretch of the cumulated sums holds a value. */
    static int at(double[] cumulated, double value) {
        int found = Arrays.binarySearch(cumulated, value);
        return Math.min(found < 0 ? -found - 1 : found + 1, cumulated.length - 1);
    }
}
