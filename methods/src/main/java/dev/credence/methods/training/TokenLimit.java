package dev.credence.methods.training;

import dev.credence.core.probability.LogMath;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * Where policy gradients end on texts of several tokens when their penalty, or their discount, is at work token by token
 * (docs/theory.md#token-by-token): at each prefix the next token is chosen by its value, and values are had from the end of the
 * texts back. Where rewards are divided by the policy's own deviation, or each text's tokens share its weight, deviation and mean
 * are those of the limit itself; of several such the first on the way from the prior.
 *
 * @param rule how a prefix chooses, and what it is worth
 * @param beta KL coefficient, above 0
 * @param gamma discount a token
 * @param divided whether rewards are divided by the standard deviation of the prompt's
 * @param averaged whether a text's tokens share its weight
 */
public record TokenLimit(Rule rule, double beta, double gamma, boolean divided, boolean averaged) {
    private static final double FURTHEST = 0.8; // of a coefficient, the next one tried
    private static final double ROUNDOFF = 1e-13;
    private static final double SMALLEST = 1e-12; // of a coefficient, beside which nothing but the best is left
    private static final int TRIES = 500;

    /** How a prefix chooses among its next tokens, given their values V. */
    public enum Rule {
        /** π ∝ π0 e^{V/β}, and the prefix is worth the mean of V: what the penalty costs further on is not seen. */
        LOCAL_KL,
        /** π = β π0/(Λ − V), and the prefix is worth the mean of V. */
        LOCAL_K3,
        /** π ∝ π0 e^{γV/β}, and the prefix is worth β log Σ π0 e^{γV/β}: the penalty is seen, the discount as well. */
        SOFT
    }

    /**
     * That of rewards as they are, whose tokens count alike.
     *
     * @param rule how a prefix chooses, and what it is worth
     * @param beta KL coefficient, above 0
     * @param gamma discount a token
     */
    public TokenLimit(Rule rule, double beta, double gamma) {
        this(rule, beta, gamma, false, false);
    }

    /**
     * The limit of one prompt.
     *
     * @param tokens (n) of every completion, its end included where it has one; none twice, none the beginning of another
     * @param logPrior (n) log π0 of the completions, nats
     * @param reward (n) finite
     * @return (n) log-probabilities under the limit, nats
     */
    public double[] logProbs(List<int[]> tokens, double[] logPrior, double[] reward) {
        TokenTrie trie = new TokenTrie(this, tokens, logPrior, reward);
        if (!divided && !averaged) {
            return trie.at(beta, 0);
        }
        double range = range(logPrior, reward);
        if (divided && range == 0) { // nothing is above the mean: the penalty alone is at work
            return LogMath.normalised(logPrior);
        }
        Found prior = Found.of(logPrior, logPrior, reward, Double.POSITIVE_INFINITY);
        double[] mean = {prior.mean};
        DoubleFunction<Found> at = b -> {
            Found found = averaged ? atRest(trie, b, mean[0], logPrior, reward) : found(trie, b, 0, logPrior, reward);
            mean[0] = found.mean;
            return found;
        };
        return (divided ? dividing(at, range) : at.apply(beta)).logProbs;
    }

    /** A policy, the mean and the deviation of its rewards, and by how much β times that deviation misses the coefficient it came of. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Found(double[] logProbs, double mean, double deviation, double coefficient) {
        static Found of(double[] logProbs, double[] logPrior, double[] reward, double coefficient) {
            double all = LogMath.logSumExp(logProbs);
            double mean = 0;
            double square = 0;
            for (int i = 0; i < reward.length; i++) {
                mean += logPrior[i] > Double.NEGATIVE_INFINITY ? Math.exp(logProbs[i] - all) * reward[i] : 0;
            }
            for (int i = 0; i < reward.length; i++) {
                double off = reward[i] - mean;
                square += logPrior[i] > Double.NEGATIVE_INFINITY ? Math.exp(logProbs[i] - all) * off * off : 0;
            }
            return new Found(logProbs, mean, Math.sqrt(square), coefficient);
        }

        /** Positive below the largest root, negative above it. */
        double off(double beta) {
            return beta * deviation - coefficient;
        }
    }

    private Found found(TokenTrie trie, double b, double mean, double[] logPrior, double[] reward) {
        return Found.of(trie.at(b, mean), logPrior, reward, b);
    }

    /** The coefficient that is β times the deviation of what it leads to: from above, where it is larger, down. */
    private Found dividing(DoubleFunction<Found> at, double range) {
        double most = beta * range / 2; // no deviation is more than half the range
        Found above = at.apply(most);
        Found before = above;
        for (int i = 0; i < TRIES && above.off(beta) < -ROUNDOFF * above.coefficient; i++) {
            double next = Math.max(beta * above.deviation, FURTHEST * above.coefficient);
            double slope = (before.off(beta) - above.off(beta)) / (before.coefficient - above.coefficient);
            double secant = above.coefficient - above.off(beta) / slope;
            if (secant > FURTHEST * above.coefficient && secant < next) {
                next = secant;
            }
            if (!(next > SMALLEST * most) || next == above.coefficient) {
                return above;
            }
            Found below = at.apply(next);
            if (below.off(beta) > 0) {
                return between(at, below, above);
            }
            before = above;
            above = below;
        }
        return above;
    }

    private Found between(DoubleFunction<Found> at, Found under, Found over) {
        Found low = under;
        Found high = over;
        for (int i = 0; i < TRIES && high.coefficient - low.coefficient > ROUNDOFF * high.coefficient; i++) {
            double share = low.off(beta) / (low.off(beta) - high.off(beta));
            double kept = i % 3 == 2 ? 0.5 : Math.min(1 - 1e-3, Math.max(1e-3, share)); // a bisection now and then
            Found middle = at.apply(low.coefficient + kept * (high.coefficient - low.coefficient));
            if (middle.coefficient <= low.coefficient
                    || middle.coefficient >= high.coefficient
                    || middle.off(beta) == 0) {
                return middle;
            }
            if (middle.off(beta) > 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** The mean reward that is the mean of what it leads to, nearest a guess. */
    private Found atRest(TokenTrie trie, double b, double guess, double[] logPrior, double[] reward) {
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.POSITIVE_INFINITY;
        double mean = guess;
        double last = Double.NaN;
        double lastOff = Double.NaN;
        Found found = found(trie, b, mean, logPrior, reward);
        for (int i = 0; i < TRIES; i++) {
            double off = found.mean - mean;
            if (Math.abs(off) <= ROUNDOFF * Math.max(1, Math.abs(mean))) {
                return found;
            }
            low = off > 0 ? Math.max(low, mean) : low;
            high = off < 0 ? Math.min(high, mean) : high;
            double next = mean - off * (mean - last) / (off - lastOff);
            boolean inside = next > low && next < high && i % 4 != 3;
            last = mean;
            lastOff = off;
            boolean bracketed = low > Double.NEGATIVE_INFINITY && high < Double.POSITIVE_INFINITY;
            mean = inside ? next : bracketed ? (low + high) / 2 : found.mean;
            if (mean == last) {
                return found;
            }
            found = found(trie, b, mean, logPrior, reward);
        }
        return found;
    }

    private static double range(double[] logPrior, double[] reward) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            if (logPrior[i] > Double.NEGATIVE_INFINITY) {
                least = Math.min(least, reward[i]);
                most = Math.max(most, reward[i]);
            }
        }
        return most - least;
    }
}
