package dev.credence.core.model;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws one token from logits by inverting the distribution function, in double precision, and says when the draw was too
 * close to call: when logits that differ by rounding could have given another token. Whoever draws then asks again with
 * logits computed in one canonical way, so that the same seed gives the same tokens whatever the batch and the threads.
 *
 * <p>Not for several threads.
 */
public final class TokenDraw {
    /** How far probabilities may stray by rounding in the logits; a draw nearer to a boundary than this is not decided. */
    public static final double MARGIN = 5e-5;

    private final Sampling sampling;
    private final double[] weight; // (V) exp((logit − max)/τ), 0 where truncated
    private final boolean isPlain;
    private double logProb;
    private double sampledLogProb;
    private boolean decided;

    /**
     * A sampler for one vocabulary.
     *
     * @param sampling how to draw
     * @param vocabularySize V
     */
    public TokenDraw(Sampling sampling, int vocabularySize) {
        this.sampling = sampling;
        this.weight = new double[vocabularySize];
        this.isPlain = sampling.isPlain();
    }

    /**
     * The uniform number of one sample and position: a function of these three alone.
     *
     * @param seed of the whole draw
     * @param sample which sample, from 0
     * @param position which of its tokens, from 0
     * @return in [0, 1)
     */
    public static double uniform(long seed, long sample, long position) {
        return new SplittableRandom(mix(mix(seed, sample), position)).nextDouble();
    }

    /**
     * Draws a token.
     *
     * @param logits array that holds the logits of V tokens
     * @param from where they begin
     * @param u uniform in [0, 1)
     * @return the token; {@link #logProb}, {@link #sampledLogProb} and {@link #isDecided} then speak of it
     */
    public int draw(double[] logits, int from, double u) {
        double max = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < weight.length; v++) {
            max = Math.max(max, logits[from + v]);
        }
        if (!(Math.abs(max) < Double.POSITIVE_INFINITY)) {
            throw new IllegalStateException("the largest logit is " + max + "; the model's weights are not usable");
        }
        decided = true;
        double ownTotal = fill(logits, from, max, 1);
        double total = ownTotal;
        if (!isPlain) {
            if (sampling.temperature() != 1) {
                total = fill(logits, from, max, sampling.temperature());
            }
            total = truncate(total);
        }
        int token = invert(u, total);
        logProb = logits[from + token] - max - Math.log(ownTotal);
        sampledLogProb = isPlain ? logProb : Math.log(weight[token] / total);
        return token;
    }

    /** {@return the model's own log-probability of the token drawn last, nats} */
    public double logProb() {
        return logProb;
    }

    /** {@return the log-probability of the token drawn last under the tempered, truncated distribution, nats} */
    public double sampledLogProb() {
        return sampledLogProb;
    }

    /** {@return whether rounding in the logits could not have changed the token drawn last} */
    public boolean isDecided() {
        return decided;
    }

    private double fill(double[] logits, int from, double max, double temperature) {
        double sum = 0;
        for (int v = 0; v < weight.length; v++) {
            weight[v] = Math.exp((logits[from + v] - max) / temperature);
            sum += weight[v];
        }
        return sum;
    }

    /** Zeroes what top-k, top-p and min-p leave out; returns the weight that is left. */
    private double truncate(double total) {
        if (!sampling.isTruncated()) {
            return total;
        }
        double[] descending = weight.clone();
        Arrays.sort(descending);
        reverse(descending);
        int keep = Math.min(sampling.topK(), weight.length);
        double left = keep < weight.length ? sum(descending, keep) : total;
        if (sampling.topP() < 1) {
            double needed = sampling.topP() * left;
            double sum = 0;
            for (int i = 0; i < keep; i++) {
                sum += descending[i];
                decided &= Math.abs(sum - needed) > MARGIN * left;
                if (sum >= needed) {
                    keep = i + 1;
                    left = sum;
                }
            }
        }
        double least = descending[keep - 1];
        decided &= keep == weight.length || least - descending[keep] > MARGIN * least;
        double floor = sampling.minP() * descending[0];
        return drop(Math.max(least, floor), keep, floor);
    }

    /** Keeps the first {@code keep} tokens by weight, ties by the lower id, that reach the floor of min-p. */
    private double drop(double least, int keep, double floor) {
        int above = 0;
        for (double w : weight) {
            above += w > least ? 1 : 0;
        }
        int ties = keep - above;
        double left = 0;
        for (int v = 0; v < weight.length; v++) {
            double w = weight[v];
            decided &= !(floor > 0 && Math.abs(w - floor) <= MARGIN * floor);
            boolean kept = w > least || (w == least && ties-- > 0);
            weight[v] = kept ? w : 0;
            left += weight[v];
        }
        return left;
    }

    private int invert(double u, double total) {
        double target = u * total;
        double sum = 0;
        int token = -1;
        for (int v = 0; v < weight.length; v++) {
            if (weight[v] > 0) {
                token = v;
                double next = sum + weight[v];
                if (target < next) {
                    decided &= target - sum > MARGIN * total || sum == 0;
                    decided &= next - target > MARGIN * total || v == weight.length - 1;
                    return token;
                }
                sum = next;
            }
        }
        decided = false;
        return token; // rounding: the sum fell short of the draw
    }

    private static double sum(double[] x, int to) {
        double sum = 0;
        for (int i = 0; i < to; i++) {
            sum += x[i];
        }
        return sum;
    }

    private static void reverse(double[] x) {
        for (int i = 0, j = x.length - 1; i < j; i++, j--) {
            double kept = x[i];
            x[i] = x[j];
            x[j] = kept;
        }
    }

    /** Two rounds of a 64-bit finaliser (Stafford's mix 13), so that neighbouring counters give unrelated seeds. */
    private static long mix(long seed, long counter) {
        long z = seed + 0x9E3779B97F4A7C15L * (counter + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
