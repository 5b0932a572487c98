package dev.credence.methods;

import dev.credence.core.model.Sample;
import dev.credence.core.probability.LogMath;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A twist learned from draws of the prior: soft values E[e^(E − so far)] by regression on tables, of the position, of position and last
 * token, and of the whole beginning, each shrunk to the one before. With more draws the last becomes exact on every beginning that is
 * met; the others speak of beginnings that were not.
 */
final class LearnedTwist implements Twist {
    private static final double PSEUDO = 4; // draws that the coarser table counts for

    private final Twist soFar;
    private final @Nullable Cell[] byPosition; // (horizon), of lengths 1 to horizon − 1
    private final Map<Long, Cell> byToken = new HashMap<>();
    private final Map<IntBuffer, Cell> byPrefix = new HashMap<>();

    /** Draws and the log of the sum of their e^(E − so far). */
    private static final class Cell {
        private double logSum = Double.NEGATIVE_INFINITY;
        private long count;

        void add(double logWeight) {
            logSum = LogMath.logAddExp(logSum, logWeight);
            count++;
        }

        double shrunkTo(double coarser) {
            return LogMath.logAddExp(logSum, Math.log(PSEUDO) + coarser) - Math.log(count + PSEUDO);
        }
    }

    /**
     * Learns.
     *
     * @param soFar what is known of a beginning without learning
     * @param drawn of the prior
     * @param logLikelihoods (n) of the evidence in all its copies, nats; not all −∞
     * @param horizon at so many tokens a text is cut
     */
    LearnedTwist(Twist soFar, List<Sample> drawn, double[] logLikelihoods, int horizon) {
        this.soFar = soFar;
        this.byPosition = new Cell[horizon];
        for (int i = 0; i < logLikelihoods.length; i++) {
            Sample sample = drawn.get(i);
            int[] tokens = sample.tokens();
            int open = Math.min(horizon - 1, tokens.length - (sample.finished() ? 1 : 0));
            for (int length = 1; length <= open; length++) {
                double expected = soFar.of(tokens, length);
                if (expected == Double.NEGATIVE_INFINITY) {
                    break; // excluded, and so is all that follows
                }
                double logWeight = logLikelihoods[i] - expected;
                Cell position = byPosition[length];
                if (position == null) {
                    position = new Cell();
                    byPosition[length] = position;
                }
                position.add(logWeight);
                byToken.computeIfAbsent(place(length, tokens[length - 1]), key -> new Cell())
                        .add(logWeight);
                byPrefix.computeIfAbsent(IntBuffer.wrap(Arrays.copyOf(tokens, length)), key -> new Cell())
                        .add(logWeight);
            }
        }
    }

    private static long place(int length, int token) {
        return (long) length << Integer.SIZE | token;
    }

    @Override
    public double of(int[] tokens, int length) {
        double expected = soFar.of(tokens, length);
        Cell position = byPosition[length];
        if (expected == Double.NEGATIVE_INFINITY || position == null || position.logSum == Double.NEGATIVE_INFINITY) {
            return expected;
        }
        double learned = position.logSum - Math.log((double) position.count);
        Cell token = byToken.get(place(length, tokens[length - 1]));
        if (token != null) {
            learned = token.shrunkTo(learned);
            Cell prefix = byPrefix.get(IntBuffer.wrap(tokens, 0, length));
            learned = prefix == null ? learned : prefix.shrunkTo(learned);
        }
        return expected + learned;
    }
}
