package dev.credence.core.diagnostics;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.DoubleFunction;

/**
 * How heavy the tail of a sample's importance weights is: the Pareto k̂ of Pareto-smoothed importance sampling
 * (Vehtari, Simpson, Gelman, Yao, Gabry), from log-weights.
 *
 * <p>The tail is the {@link #tailLength(int)} largest weights, what is fitted is their excess over the next smaller
 * one. Weights from discrete rewards tie, which the published recipe does not provide for:
 *
 * <ul>
 *   <li>a tie across the cut goes into the tail as a whole, and the excess is over the largest weight below it;
 *   <li>if nothing lies below it, the tail is what lies above it;
 *   <li>a tail of equal weights (constant weights, an indicator reward, clipped weights) has no shape: its weights end
 *       in an atom, are bounded as far as the sample shows, and k̂ is −∞. Whether the atom is seen often enough is the
 *       business of {@link EffectiveSampleSize};
 *   <li>with fewer than {@value #MINIMAL_SIZE} draws, or without one positive weight, k̂ is NaN: unknown, hence not
 *       {@link #reliable()}.
 * </ul>
 *
 * @param shape k̂; the weights have about 1/k̂ finite moments
 * @param observations how many weights the tail has
 * @param sampleSize S, how many weights there are
 */
public record ParetoTail(double shape, long observations, int sampleSize) {
    /** The fewest draws with a tail worth fitting: five observations. */
    public static final int MINIMAL_SIZE = 25;

    /** Log-weights nearer than this (nats) are tied: their difference is rounding. */
    private static final double TIE = 1e-9;

    /**
     * The tail of a sample's weights.
     *
     * @param logWeights (S) log-weights in nats, up to a common constant; −∞ is a weight of zero
     * @return the fitted tail
     * @throws IllegalArgumentException if a log-weight is NaN or +∞
     */
    public static ParetoTail of(double[] logWeights) {
        return of(logWeights, 0, logWeights.length);
    }

    /**
     * The tail of a range's weights, in one or two passes and O(√S) memory.
     *
     * @param logWeights log-weights in nats, up to a common constant; −∞ is a weight of zero
     * @param from first position
     * @param to one past the last position
     * @return the fitted tail
     * @throws IllegalArgumentException if a log-weight in the range is NaN or +∞
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public static ParetoTail of(double[] logWeights, int from, int to) {
        Objects.checkFromToIndex(from, to, logWeights.length);
        double[] top = LargestValues.of(logWeights, from, to, tailLength(to - from) + 1);
        return of(top, to - from, bound -> Rest.of(logWeights, from, to, bound));
    }

    /**
     * The tail of a sample's weights, from the weights themselves: the same as of their logarithms, of which only those of
     * the tail are taken.
     *
     * @param weights (S) finite and not negative
     * @return the fitted tail
     * @throws IllegalArgumentException if a weight is negative, infinite or NaN
     */
    public static ParetoTail ofWeights(double[] weights) {
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "weight " + i + " is " + weights[i] + "; it must be finite and not negative");
            }
        }
        double[] top = LargestValues.of(weights, 0, weights.length, tailLength(weights.length) + 1);
        double[] logs = Arrays.stream(top).filter(w -> w > 0).map(Math::log).toArray();
        return of(logs, weights.length, bound -> {
            Rest rest = Rest.of(weights, 0, weights.length, Math.exp(bound));
            return new Rest(rest.inTail, Math.log(rest.largest));
        });
    }

    /**
     * What a tie across the cut needs to know of all the weights.
     *
     * @param inTail how many are not below the bound
     * @param largest the largest below it; −∞ (or the weight 0) if there is none
     */
    private record Rest(int inTail, double largest) {
        static Rest of(double[] values, int from, int to, double bound) {
            double below = Double.NEGATIVE_INFINITY;
            int inTail = 0;
            for (int i = from; i < to; i++) {
                if (values[i] >= bound) {
                    inTail++;
                } else {
                    below = Math.max(below, values[i]);
                }
            }
            return new Rest(inTail, below);
        }
    }

    /** The tail from the largest log-weights and one more, ascending; the rest is looked at only where they tie. */
    private static ParetoTail of(double[] top, int size, DoubleFunction<Rest> restBelow) {
        if (size < MINIMAL_SIZE || top.length == 0) {
            return new ParetoTail(Double.NaN, 0, size);
        }
        if (top.length <= tailLength(size)) { // the rest are zeros: the excess over zero is the weight itself
            return fit(top, 0, 1, Double.NEGATIVE_INFINITY, size);
        }
        if (top[1] - top[0] > TIE) {
            return fit(top, 1, 1, top[0], size);
        }
        return fitTied(top, size, restBelow.apply(top[0] - TIE));
    }

    private static ParetoTail fitTied(double[] top, int size, Rest rest) {
        if (rest.inTail < size) {
            return fit(top, 0, 1L + rest.inTail - top.length, rest.largest, size);
        }
        int above = 0;
        while (above < top.length && top[above] <= top[0] + TIE) {
            above++;
        }
        return fit(top, above, 1, top[0], size);
    }

    /** Fits the excess over {@code cutoff} of the log-weights {@code top[first…]}, the first of which counts often. */
    private static ParetoTail fit(double[] top, int first, long firstCount, double cutoff, int size) {
        int last = top.length - 1;
        long observations = first > last ? 0 : firstCount + last - first;
        if (observations == 0 || top[last] - top[first] <= TIE) {
            return new ParetoTail(Double.NEGATIVE_INFINITY, observations, size);
        }
        double[] excess = Arrays.copyOfRange(top, first, top.length);
        double largest = -Math.expm1(cutoff - top[last]);
        for (int i = 0; i < excess.length; i++) {
            excess[i] = Math.exp(excess[i] - top[last]) * -Math.expm1(cutoff - excess[i]) / largest;
        }
        return new ParetoTail(new GeneralisedParetoFit(excess, firstCount).shape(), observations, size);
    }

    /**
     * How many of the largest weights make the tail.
     *
     * @param sampleSize S, not negative
     * @return ⌈3√S⌉ above 225 draws, a fifth of them below
     */
    public static int tailLength(int sampleSize) {
        return sampleSize > 225 ? (int) Math.ceil(3 * Math.sqrt(sampleSize)) : sampleSize / 5;
    }

    /**
     * The k̂ at and above which an importance estimate from this many draws is not to be trusted.
     *
     * @param sampleSize S, at least two
     * @return min(1 − 1/log10 S, 0.7)
     * @throws IllegalArgumentException if there are fewer than two draws
     */
    public static double threshold(int sampleSize) {
        if (!(sampleSize >= 2)) {
            throw new IllegalArgumentException("sampleSize is " + sampleSize + "; a threshold needs at least 2 draws");
        }
        return Math.min(1 - 1 / Math.log10(sampleSize), 0.7);
    }

    /**
     * The draws it takes for an estimate with such a tail to be trusted.
     *
     * @param shape k̂
     * @return 10^{1/(1 − k̂)}; 10 for a light tail, infinite from k̂ = 1 on, where the mean does not exist
     */
    public static double minimalSampleSize(double shape) {
        return shape >= 1 ? Double.POSITIVE_INFINITY : Math.pow(10, 1 / (1 - Math.max(0, shape)));
    }

    /** {@return min(1 − 1/log10 S, 0.7) for this sample; NaN for fewer than two draws} */
    public double threshold() {
        return sampleSize >= 2 ? threshold(sampleSize) : Double.NaN;
    }

    /** {@return the draws that a tail like this one takes, infinite if none suffices} */
    public double minimalSampleSize() {
        return minimalSampleSize(shape);
    }

    /** {@return whether k̂ is below its threshold; false where k̂ is unknown} */
    public boolean reliable() {
        return shape < threshold();
    }
}
