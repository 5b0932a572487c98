package dev.credence.methods.training;

import dev.credence.core.posterior.RegularisedOptima;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where policy gradients end on texts of several tokens when their penalty, or their discount, is at work token by token
 * (docs/theory.md#token-by-token): at each prefix the next token is chosen by its value, and values are had from the end of the
 * texts back.
 *
 * @param rule how a prefix chooses, and what it is worth
 * @param beta KL coefficient, above 0
 * @param gamma discount a token
 */
public record TokenLimit(Rule rule, double beta, double gamma) {
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
     * The limit of one prompt.
     *
     * @param tokens (n) of every completion, its end included where it has one; none twice, none the beginning of another
     * @param logPrior (n) log π0 of the completions, nats
     * @param reward (n) finite
     * @return (n) log-probabilities under the limit, nats
     */
    public double[] logProbs(List<int[]> tokens, double[] logPrior, double[] reward) {
        int[][] all = tokens.toArray(new int[0][]);
        int[] order = IntStream.range(0, all.length)
                .boxed()
                .sorted(Comparator.comparing(i -> all[i], Arrays::compare))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] limit = new double[all.length];
        new Trie(all, order, logPrior, reward, limit).descend(0, order.length, 0);
        return limit;
    }

    /** A prefix's value, and the log of the prior's mass behind it. */
    private record Behind(double value, double logMass) {}

    private final class Trie {
        private final int[][] tokens;
        private final int[] order;
        private final double[] logPrior;
        private final double[] reward;
        private final double[] limit;

        Trie(int[][] tokens, int[] order, double[] logPrior, double[] reward, double[] limit) {
            this.tokens = tokens;
            this.order = order;
            this.logPrior = logPrior;
            this.reward = reward;
            this.limit = limit;
        }

        /** Texts of the order from one place to another, which have so many tokens in common. */
        Behind descend(int from, int to, int depth) {
            if (to - from == 1 && tokens[order[from]].length == depth) {
                return new Behind(reward[order[from]], logPrior[order[from]]);
            }
            int[] ends = new int[to - from];
            double[] value = new double[to - from];
            double[] logMass = new double[to - from];
            int children = 0;
            for (int begin = from; begin < to; children++) {
                int end = begin + 1;
                while (end < to && tokens[order[end]][depth] == tokens[order[begin]][depth]) {
                    end++;
                }
                Behind child = descend(begin, end, depth + 1);
                boolean isText = end - begin == 1 && tokens[order[begin]].length == depth + 1;
                value[children] = isText ? child.value : gamma * child.value;
                logMass[children] = child.logMass;
                ends[children] = end;
                begin = end;
            }
            value = Arrays.copyOf(value, children);
            logMass = Arrays.copyOf(logMass, children);
            double all = LogMath.logSumExp(logMass);
            double[] chosen = all == Double.NEGATIVE_INFINITY ? logMass.clone() : choose(logMass, all, value);
            int begin = from;
            for (int k = 0; k < children; k++) {
                for (; begin < ends[k]; begin++) {
                    limit[order[begin]] += chosen[k];
                }
            }
            return new Behind(worth(chosen, logMass, all, value), all);
        }

        private double[] choose(double[] logMass, double all, double[] value) {
            double[] chosen = new double[value.length];
            if (rule == Rule.LOCAL_K3) {
                List<String> names = IntStream.range(0, value.length)
                        .mapToObj(Integer::toString)
                        .toList();
                return RegularisedOptima.k3InLoss(Distribution.ofLogWeights(names, logMass), value, beta)
                        .policy()
                        .logProbabilities();
            }
            for (int k = 0; k < chosen.length; k++) {
                chosen[k] = logMass[k] - all + value[k] / beta;
            }
            double sum = LogMath.logSumExp(chosen);
            for (int k = 0; k < chosen.length; k++) {
                chosen[k] -= sum;
            }
            return chosen;
        }

        private double worth(double[] chosen, double[] logMass, double all, double[] value) {
            if (rule == Rule.SOFT) {
                double[] terms = new double[value.length];
                Arrays.setAll(terms, k -> logMass[k] - all + value[k] / beta);
                return all == Double.NEGATIVE_INFINITY ? 0 : beta * LogMath.logSumExp(terms);
            }
            double mean = 0;
            for (int k = 0; k < chosen.length; k++) {
                mean += chosen[k] > Double.NEGATIVE_INFINITY ? Math.exp(chosen[k]) * value[k] : 0;
            }
            return mean;
        }
    }
}
