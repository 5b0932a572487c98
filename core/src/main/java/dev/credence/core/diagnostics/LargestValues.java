package dev.credence.core.diagnostics;

import java.util.Arrays;

/**
 * Bounded selection: the few largest of many log-weights in one pass, with memory for twice the few.
 *
 * <p>Whatever exceeds the smallest value still in the running goes into a buffer; a full buffer is sorted and its lower
 * half forgotten. Random order fills the buffer a logarithmic number of times; the worst order (ascending) sorts
 * buffers that are sorted already, which is linear. So the pass is O(S) in either.
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
                    Arrays.sort(buffer);
                    System.arraycopy(buffer, filled - count, buffer, 0, count);
                    filled = count;
                    floor = buffer[0];
                    if (value <= floor) {
                        continue;
                    }
                }
                buffer[filled++] = value;
            }
        }
        Arrays.sort(buffer, 0, filled);
        return Arrays.copyOfRange(buffer, Math.max(0, filled - count), filled);
    }
}
