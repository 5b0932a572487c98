package dev.credence.core.diagnostics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The expected value of what best-of-n would pick, estimated without bias from one pool of N ≥ n draws: the mean over
 * all C(N, n) subsets of the value of the subset's best by proxy. The draw of rank i (from 1, ascending) is the best of
 * C(i−1, n−1) of them.
 *
 * <p>Draws tied by proxy share their weight equally, as a best-of-n that breaks ties at random does.
 */
public final class BestOfNEstimator {
    private final double[] value; // (N), by proxy ascending, tied draws replaced by their mean

    private BestOfNEstimator(double[] value) {
        this.value = value;
    }

    /**
     * An estimator from a pool.
     *
     * @param proxy (N) what best-of-n picks by
     * @param value (N) what is to be averaged of the picked: another reward, or the proxy itself
     * @return the estimator
     * @throws IllegalArgumentException if the pool is empty, the sizes differ or a number is NaN
     */
    public static BestOfNEstimator of(double[] proxy, double[] value) {
        if (proxy.length == 0 || proxy.length != value.length) {
            throw new IllegalArgumentException(proxy.length + " proxies and " + value.length
                    + " values; a pool has as many of each, and at least one");
        }
        for (int i = 0; i < proxy.length; i++) {
            if (Double.isNaN(proxy[i]) || Double.isNaN(value[i])) {
                throw new IllegalArgumentException(
                        "draw " + i + " has proxy " + proxy[i] + " and value " + value[i] + "; neither may be NaN");
            }
        }
        int[] order = IntStream.range(0, proxy.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> proxy[i]))
                .mapToInt(i -> i)
                .toArray();
        double[] averaged = new double[proxy.length];
        for (int from = 0; from < order.length; ) {
            double tied = proxy[order[from]];
            int to = from;
            double sum = 0;
            while (to < order.length && proxy[order[to]] == tied) {
                sum += value[order[to++]];
            }
            Arrays.fill(averaged, from, to, sum / (to - from));
            from = to;
        }
        return new BestOfNEstimator(averaged);
    }

    /** {@return N, the number of draws in the pool} */
    public int poolSize() {
        return value.length;
    }

    /**
     * The expected value of the best of n.
     *
     * @param n how many draws best-of-n has, from 1 to the size of the pool
     * @return the estimate
     * @throws IllegalArgumentException if n is not in that range
     */
    public double estimate(int n) {
        if (!(n >= 1 && n <= value.length)) {
            throw new IllegalArgumentException("n is " + n + "; best-of-n from a pool of " + value.length
                    + " draws needs 1 <= n <= " + value.length);
        }
        // From the top down: C(N−1,n−1)/C(N,n) = n/N, and each rank has (i−n)/(i−1) of the weight of the one above.
        double weight = (double) n / value.length;
        double sum = 0;
        for (int rank = value.length; rank >= n && weight > 0; rank--) {
            sum += weight * value[rank - 1];
            weight *= (double) (rank - n) / (rank - 1);
        }
        return sum;
    }
}
