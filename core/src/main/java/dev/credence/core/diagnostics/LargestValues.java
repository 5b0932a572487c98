package dev.credence.core.diagnostics;

import java.util.Arrays;

/**
 * Bounded selection: the few largest of many log-weights in one pass, with memory for twice the few.
 *
 * <p>Whatever exceeds the smallest value still in the running goes into a buffer; the lower half of a full
 * buffer is forgotten, found by selection. A selection is linear in the buffer, of which half was new: so the pass is O(S)
 * in any order.
 */
final class LargestValues {
    private LargestValues() {}

    /**
     * The largest finite values of a range.
     *
     * @param values log-weights; −∞ is never selected
     * @param from first position
     * @param to one past the last position
     * @param count how many, at least one
     * @return the largest, ascending; fewer than {@code count} if fewer are finite
     * @throws IllegalArgumentException if a value is NaN or +∞
     */
    static double[] of(double[] values, int from, int to, int count) {
        double[] buffer = new double[(int) Math.min(2L * count, (long) count + to - from)];
        int filled = 0;
        double floor = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            double value = values[i];
            if (!(value <= floor)) {
                if (!(value < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException(
                            "log-weight " + i + " is " + value + "; it must be a number below infinity");
                }
                if (filled == buffer.length) {
                    floor = largestFirst(buffer, filled, count);
                    filled = count;
                    if (value <= floor) {
                        continue;
                    }
                }
                buffer[filled++] = value;
            }
        }
        if (filled > count) {
            largestFirst(buffer, filled, count);
            filled = count;
        }
        Arrays.sort(buffer, 0, filled);
        return Arrays.copyOf(buffer, filled);
    }

    /** Moves the {@code count} largest of a buffer to its front (Hoare's selection) and returns the least of them. */
    private static double largestFirst(double[] buffer, int filled, int count) {
        int low = 0;
        int high = filled - 1;
        while (low < high) {
            double pivot = buffer[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (buffer[i] > pivot) {
                    i++;
                }
                while (buffer[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    double swapped = buffer[i];
                    buffer[i++] = buffer[j];
                    buffer[j--] = swapped;
                }
            }
            if (count - 1 <= j) {
                high = j;
            } else if (count - 1 >= i) {
                low = i;
            } else {
                break;
            }
        }
        return buffer[count - 1];
    }
}
