package dev.credence.methods.training;

import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The completions of a prompt as a tree of prefixes, each choosing among its tokens as a {@link TokenLimit} says. Values go from the
 * texts back, choices from the prompt on.
 */
final class TokenTrie {
    private static final int NEWTON = 200;

    private final TokenLimit limit;
    private final double[] logPrior;
    private final double[] reward;
    private final double[] share; // (n) of a text's weight that a token has
    private final List<int[]> kids =
            new ArrayList<>(); // of each prefix, those behind it first: a text, or the number of texts plus a prefix
    private final List<double[]> logShares = new ArrayList<>(); // of the prior, given the prefix

    TokenTrie(TokenLimit limit, List<int[]> tokens, double[] logPrior, double[] reward) {
        this.limit = limit;
        this.logPrior = logPrior;
        this.reward = reward;
        this.share = new double[reward.length];
        Arrays.setAll(share, i -> limit.averaged() ? 1.0 / Math.max(1, tokens.get(i).length) : 1);
        int[][] all = tokens.toArray(new int[0][]);
        int[] order = IntStream.range(0, all.length)
                .boxed()
                .sorted(Comparator.comparing(i -> all[i], Arrays::compare))
                .mapToInt(Integer::intValue)
                .toArray();
        grow(all, order, 0, order.length, 0);
    }

    /** Texts of the order from one place to another, which have so many tokens in common; log of the prior's mass behind them. */
    private double grow(int[][] tokens, int[] order, int from, int to, int depth) {
        if (to - from == 1 && tokens[order[from]].length == depth) {
            return logPrior[order[from]];
        }
        int[] own = new int[to - from];
        double[] logMass = new double[to - from];
        int children = 0;
        for (int begin = from; begin < to; children++) {
            int end = begin + 1;
            while (end < to && tokens[order[end]][depth] == tokens[order[begin]][depth]) {
                end++;
            }
            boolean isText = end - begin == 1 && tokens[order[begin]].length == depth + 1;
            logMass[children] = grow(tokens, order, begin, end, depth + 1);
            own[children] = isText ? order[begin] : tokens.length + kids.size() - 1;
            begin = end;
        }
        double[] mass = Arrays.copyOf(logMass, children);
        double all = LogMath.logSumExp(mass);
        for (int k = 0; k < children && all > Double.NEGATIVE_INFINITY; k++) {
            mass[k] -= all;
        }
        kids.add(Arrays.copyOf(own, children));
        logShares.add(mass);
        return all;
    }

    /**
     * The policy whose prefixes are all at rest.
     *
     * @param b coefficient of the penalty, above 0
     * @param mean taken off the rewards, which matters where tokens share a text's weight
     * @return (n) log-probabilities, nats
     */
    double[] at(double b, double mean) {
        int n = reward.length;
        double[] value = new double
                [n + kids.size()]; // of a text or a prefix: the mean of share times reward, net of the penalty if soft
        double[] weight = new double[n + kids.size()]; // the mean of shares
        for (int i = 0; i < n; i++) {
            value[i] = share[i] * reward[i];
            weight[i] = share[i];
        }
        double[][] chosen = new double[kids.size()][];
        for (int h = 0; h < chosen.length; h++) {
            int[] own = kids.get(h);
            double[] worth = new double[own.length];
            double[] gain = new double[own.length];
            double[] stiff = new double[own.length];
            for (int k = 0; k < own.length; k++) {
                worth[k] = own[k] < n ? value[own[k]] : limit.gamma() * value[own[k]];
                gain[k] = worth[k] - (limit.averaged() ? mean * weight[own[k]] : 0);
                stiff[k] = b * weight[own[k]];
            }
            double[] logShare = logShares.get(h);
            chosen[h] = limit.rule() == TokenLimit.Rule.LOCAL_K3
                    ? rational(logShare, gain, stiff)
                    : exponential(logShare, gain, stiff);
            for (int k = 0; k < own.length; k++) {
                double p = Math.exp(chosen[h][k]);
                value[n + h] += p > 0 ? p * worth[k] : 0;
                weight[n + h] += p > 0 ? p * weight[own[k]] : 0;
            }
            if (limit.rule() == TokenLimit.Rule.SOFT) {
                double[] terms = new double[own.length];
                Arrays.setAll(terms, k -> logShare[k] + worth[k] / b);
                double soft = LogMath.logSumExp(terms);
                value[n + h] = soft > Double.NEGATIVE_INFINITY ? b * soft : 0;
            }
        }
        return spread(chosen);
    }

    private double[] spread(double[][] chosen) {
        int n = reward.length;
        double[] logProbs = new double[n + chosen.length];
        for (int h = chosen.length - 1; h >= 0; h--) {
            int[] own = kids.get(h);
            for (int k = 0; k < own.length; k++) {
                logProbs[own[k]] = logProbs[n + h] + chosen[h][k];
            }
        }
        return Arrays.copyOf(logProbs, n);
    }

    /** log π = log π0 + (u − c)/s with the c for which they add up to one: from below, as Newton's steps on a convex function go. */
    private static double[] exponential(double[] logShare, double[] gain, double[] stiff) {
        double c = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < gain.length; k++) {
            c = logShare[k] > Double.NEGATIVE_INFINITY ? Math.max(c, gain[k] + stiff[k] * logShare[k]) : c;
        }
        double[] log = logShare.clone();
        for (int i = 0; i < NEWTON && c > Double.NEGATIVE_INFINITY; i++) {
            double slope = 0;
            for (int k = 0; k < log.length; k++) {
                log[k] = logShare[k] + (gain[k] - c) / stiff[k];
            }
            double sum = LogMath.logSumExp(log);
            for (int k = 0; k < log.length; k++) {
                slope += Math.exp(log[k] - sum) / stiff[k];
            }
            double next = c + sum / slope;
            if (!(next > c)) {
                break;
            }
            c = next;
        }
        return normalised(log);
    }

    /** π = s π0/(c − u + s) with the c for which they add up to one. */
    private static double[] rational(double[] logShare, double[] gain, double[] stiff) {
        double top = Double.NEGATIVE_INFINITY;
        double gap = 0; // c less the largest u − s
        for (int k = 0; k < gain.length; k++) {
            top = logShare[k] > Double.NEGATIVE_INFINITY ? Math.max(top, gain[k] - stiff[k]) : top;
        }
        for (int k = 0; k < gain.length; k++) {
            gap = logShare[k] > Double.NEGATIVE_INFINITY
                    ? Math.max(gap, stiff[k] * Math.exp(logShare[k]) - (top - (gain[k] - stiff[k])))
                    : gap;
        }
        double[] log = logShare.clone();
        for (int i = 0; i < NEWTON && top > Double.NEGATIVE_INFINITY; i++) {
            double sum = 0;
            double slope = 0;
            for (int k = 0; k < log.length; k++) {
                double under = gap + (top - (gain[k] - stiff[k]));
                log[k] = logShare[k] + Math.log(stiff[k]) - Math.log(under);
                double p = Math.exp(log[k]);
                sum += p;
                slope += p > 0 ? p / under : 0;
            }
            double next = gap + (sum - 1) / slope;
            if (!(next > gap)) {
                break;
            }
            gap = next;
        }
        return normalised(log);
    }

    private static double[] normalised(double[] log) {
        double sum = LogMath.logSumExp(log);
        return sum > Double.NEGATIVE_INFINITY
                ? Arrays.stream(log).map(l -> l - sum).toArray()
                : log;
    }
}
