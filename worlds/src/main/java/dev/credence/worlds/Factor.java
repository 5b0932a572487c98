package dev.credence.worlds;

import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A function of some variables' values, in log space (nats; −∞ is a zero). The values of the last variable lie side by side.
 */
final class Factor {
    /** Entries that one factor may have: 128 MiB of numbers. */
    static final long MOST = 1L << 24;

    private final int[] variables;
    private final int[] sizes; // (variables), values of each
    private final double[] log; // (product of sizes)

    Factor(int[] variables, int[] sizes, double[] log) {
        this.variables = variables.clone();
        this.sizes = sizes.clone();
        this.log = log;
        if (cells(sizes) != log.length) {
            throw new IllegalArgumentException(log.length + " entries for " + cells(sizes) + " assignments");
        }
    }

    int[] variables() {
        return variables.clone();
    }

    int cells() {
        return log.length;
    }

    double log(int cell) {
        return log[cell];
    }

    boolean has(int variable) {
        return position(variable) >= 0;
    }

    int sizeOf(int variable) {
        return sizes[position(variable)];
    }

    /** The values of a cell, one for each variable. */
    int[] digits(int cell) {
        int[] digits = new int[sizes.length];
        int left = cell;
        for (int k = sizes.length - 1; k >= 0; k--) {
            digits[k] = left % sizes[k];
            left /= sizes[k];
        }
        return digits;
    }

    /** The first cell in which all variables but the last have these values. */
    int offset(int[] assignment) {
        int at = 0;
        for (int k = 0; k < sizes.length; k++) {
            at = at * sizes[k] + (k == sizes.length - 1 ? 0 : assignment[variables[k]]);
        }
        return at;
    }

    /** log of the sum of all entries. */
    double total() {
        return LogMath.logSumExp(log);
    }

    /** The same divided by its sum. */
    Factor normalised() {
        double total = total();
        double[] out = new double[log.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = log[i] - total;
        }
        return new Factor(variables, sizes, out);
    }

    /** The sum over the last variable. */
    Factor sumLast() {
        int last = sizes.length - 1;
        double[] out = new double[log.length / sizes[last]];
        for (int i = 0; i < out.length; i++) {
            out[i] = LogMath.logSumExp(log, i * sizes[last], (i + 1) * sizes[last]);
        }
        return new Factor(Arrays.copyOf(variables, last), Arrays.copyOf(sizes, last), out);
    }

    /**
     * The product of factors.
     *
     * @param factors at least one
     * @param order the product's variables: all that a factor has
     */
    static Factor product(List<Factor> factors, int... order) {
        int[] sizes = new int[order.length];
        for (int k = 0; k < order.length; k++) {
            int variable = order[k];
            sizes[k] = factors.stream()
                    .filter(factor -> factor.has(variable))
                    .findFirst()
                    .orElseThrow()
                    .sizeOf(variable);
        }
        long cells = cells(sizes);
        if (cells > MOST) {
            throw InputException.ofSetting(
                    "network",
                    "a table of " + cells + " assignments of " + order.length + " variables",
                    "its exact answer may need at most " + MOST + ": its variables hang together too closely");
        }
        return new Factor(order, sizes, new Walk(factors, order, sizes).sums((int) cells));
    }

    /** Variables of any of the factors, in the order they are met. */
    static List<Integer> scope(List<Factor> factors) {
        List<Integer> scope = new ArrayList<>();
        for (Factor factor : factors) {
            for (int variable : factor.variables) {
                if (!scope.contains(variable)) {
                    scope.add(variable);
                }
            }
        }
        return scope;
    }

    /** Assignments of variables with these numbers of values; the largest long where there are more. */
    static long cells(int[] sizes) {
        long cells = 1;
        for (int size : sizes) {
            cells = cells > Long.MAX_VALUE / size ? Long.MAX_VALUE : cells * size;
        }
        return cells;
    }

    private int position(int variable) {
        for (int k = 0; k < variables.length; k++) {
            if (variables[k] == variable) {
                return k;
            }
        }
        return -1;
    }

    /** All assignments in order, with the place of each in every factor. */
    private static final class Walk {
        private final List<Factor> factors;
        private final int[] sizes;
        private final int[][] strides; // (factors)(order)

        Walk(List<Factor> factors, int[] order, int[] sizes) {
            this.factors = factors;
            this.sizes = sizes;
            this.strides = new int[factors.size()][];
            for (int f = 0; f < strides.length; f++) {
                strides[f] = strides(factors.get(f), order);
            }
        }

        private static int[] strides(Factor factor, int[] order) {
            int[] strides = new int[order.length];
            for (int k = 0; k < order.length; k++) {
                int at = factor.position(order[k]);
                int stride = at < 0 ? 0 : 1;
                for (int j = at + 1; at >= 0 && j < factor.sizes.length; j++) {
                    stride *= factor.sizes[j];
                }
                strides[k] = stride;
            }
            return strides;
        }

        double[] sums(int cells) {
            double[] sums = new double[cells];
            int[] digits = new int[sizes.length];
            int[] at = new int[strides.length];
            for (int cell = 0; cell < cells; cell++) {
                for (int f = 0; f < at.length; f++) {
                    sums[cell] += factors.get(f).log[at[f]];
                }
                step(digits, at);
            }
            return sums;
        }

        private void step(int[] digits, int[] at) {
            for (int k = sizes.length - 1; k >= 0; k--) {
                boolean carries = ++digits[k] == sizes[k];
                for (int f = 0; f < at.length; f++) {
                    at[f] += strides[f][k] - (carries ? strides[f][k] * sizes[k] : 0);
                }
                if (!carries) {
                    return;
                }
                digits[k] = 0;
            }
        }
    }
}
