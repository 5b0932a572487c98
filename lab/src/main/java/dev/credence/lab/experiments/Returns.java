package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A world's texts by their return: which returns there are, how likely each is, and the policy that draws a return first, then a
 * text of the prior that has it (docs/theory.md#return-conditioned).
 */
final class Returns {
    private static final int MOST = 1000; // levels
    private static final double ROUNDING = 1e-9; // of a level that a user writes

    private final TableModel prior;
    private final Map<String, double[]> rewards = new LinkedHashMap<>(); // (outcomes) of each prompt
    private final Map<String, SortedMap<Double, Double>> masses = new LinkedHashMap<>(); // return to P0, of each prompt

    /**
     * Sorts them.
     *
     * @param prior the prior
     * @param name of the reward, for messages
     * @param reward what a text's return is
     */
    Returns(TableModel prior, String name, RewardFunction reward) {
        this.prior = prior;
        for (String prompt : prior.prompts()) {
            Distribution given = prior.given(prompt);
            double[] own = reward.rewards(prompt, given);
            SortedMap<Double, Double> mass = new TreeMap<>();
            for (int i = 0; i < own.length; i++) {
                own[i] += 0.0; // −0.0 is 0.0
                if (given.probability(i) > 0) {
                    if (!Double.isFinite(own[i])) {
                        throw InputException.ofSetting(
                                "reward", name, "'" + given.outcome(i) + "' has " + own[i] + "; a return is a number");
                    }
                    mass.merge(own[i], given.probability(i), Double::sum);
                }
            }
            rewards.put(prompt, own);
            masses.put(prompt, mass);
        }
        if (levels().length > MOST) {
            throw InputException.ofSetting(
                    "reward", name, "it takes " + levels().length + " values, and at most 1,000 returns are asked for");
        }
    }

    TableModel prior() {
        return prior;
    }

    /** {@return every return that a text of any prompt has, ascending} */
    double[] levels() {
        return masses.values().stream()
                .flatMap(mass -> mass.keySet().stream())
                .mapToDouble(Double::doubleValue)
                .distinct()
                .sorted()
                .toArray();
    }

    /** The level that a number stands for. */
    double level(String setting, String written) {
        double asked = ExperimentKey.number(written);
        double[] all = levels();
        for (double level : all) {
            if (Math.abs(level - asked) <= ROUNDING * Math.max(1, Math.abs(level))) {
                return level;
            }
        }
        String seen = all.length <= 12
                ? "they are "
                        + String.join(
                                ", ",
                                Arrays.stream(all).mapToObj(Returns::written).toList())
                : all.length + " numbers from " + written(all[0]) + " to " + written(all[all.length - 1]);
        throw InputException.ofSetting(
                setting, written, "it must be a return that a text of the world has, and " + seen);
    }

    /** A return as texts show it: without needless digits. */
    static String written(double level) {
        String plain = BigDecimal.valueOf(level).stripTrailingZeros().toPlainString();
        return plain.equals("-0") ? "0" : plain;
    }

    /** A return past the largest, the number-th one: as far apart as neighbours are at most, 1 where there is one level alone. */
    double beyond(int number) {
        double[] all = levels();
        BigDecimal widest = all.length > 1 ? BigDecimal.ZERO : BigDecimal.ONE;
        for (int i = 1; i < all.length; i++) {
            widest = widest.max(BigDecimal.valueOf(all[i]).subtract(BigDecimal.valueOf(all[i - 1])));
        }
        return BigDecimal.valueOf(all[all.length - 1])
                .add(widest.multiply(BigDecimal.valueOf(number)))
                .doubleValue();
    }

    double[] rewards(String prompt) {
        return rewards.getOrDefault(prompt, new double[0]);
    }

    /** Whether texts of the prompt have the return. */
    boolean isSeen(String prompt, double level) {
        return masses(prompt).containsKey(level);
    }

    SortedMap<Double, Double> masses(String prompt) {
        return masses.getOrDefault(prompt, new TreeMap<>());
    }

    /** P0(R = v), the mean over prompts. */
    double probability(double level) {
        return mean(masses, level);
    }

    /** The mean over prompts of a return's share. */
    double mean(Map<String, SortedMap<Double, Double>> shares, double level) {
        double sum = 0;
        for (String prompt : prior.prompts()) {
            sum += prior.weight(prompt)
                    * shares.getOrDefault(prompt, new TreeMap<>()).getOrDefault(level, 0.0);
        }
        return sum;
    }

    /** Returns drawn in proportion to P0(v) e^{λv}, prompt by prompt. */
    Map<String, SortedMap<Double, Double>> tilted(double lambda) {
        return shares(mass -> {
            List<Double> levels = new ArrayList<>(mass.keySet());
            double[] logs = levels.stream()
                    .mapToDouble(v -> Math.log(mass.getOrDefault(v, 0.0)) + lambda * v)
                    .toArray();
            double logZ = LogMath.logSumExp(logs);
            SortedMap<Double, Double> shares = new TreeMap<>();
            for (int i = 0; i < logs.length; i++) {
                shares.put(levels.get(i), Math.exp(logs[i] - logZ));
            }
            return shares;
        });
    }

    /** Returns drawn as the prior has them among its best share q: the level at the edge in part. */
    Map<String, SortedMap<Double, Double>> best(double q) {
        return shares(mass -> {
            SortedMap<Double, Double> shares = new TreeMap<>();
            double left = q;
            List<Double> levels = new ArrayList<>(mass.keySet());
            for (int i = levels.size() - 1; i >= 0; i--) {
                double own = Math.min(Math.max(0, left), mass.getOrDefault(levels.get(i), 0.0));
                shares.put(levels.get(i), own / q);
                left -= own;
            }
            return shares;
        });
    }

    /** From a prompt's returns to shares of them. */
    private interface Shares {
        SortedMap<Double, Double> of(SortedMap<Double, Double> mass);
    }

    private Map<String, SortedMap<Double, Double>> shares(Shares of) {
        Map<String, SortedMap<Double, Double>> all = new LinkedHashMap<>();
        masses.forEach((prompt, mass) -> all.put(prompt, of.of(mass)));
        return all;
    }

    /** The policy that draws a return, then a text of the prior that has it. */
    TableModel drawn(Map<String, SortedMap<Double, Double>> shares) {
        return prior.map((prompt, given) -> {
            double[] own = rewards(prompt);
            SortedMap<Double, Double> mass = masses(prompt);
            SortedMap<Double, Double> share = shares.getOrDefault(prompt, new TreeMap<>());
            double[] logs = new double[own.length];
            Arrays.setAll(
                    logs,
                    i -> given.probability(i) > 0
                            ? given.logProbability(i)
                                    + Math.log(share.getOrDefault(own[i], 0.0) / mass.getOrDefault(own[i], 1.0))
                            : Double.NEGATIVE_INFINITY);
            return Distribution.ofLogWeights(given.outcomes(), logs);
        });
    }

    /** The mean of a number of texts under a policy over the same prompts and outcomes. */
    double expectation(TableModel policy, Map<String, double[]> of) {
        double sum = 0;
        for (String prompt : prior.prompts()) {
            Distribution given = policy.given(prompt);
            sum += prior.weight(prompt) * given.expectation(of.getOrDefault(prompt, new double[given.size()]));
        }
        return sum;
    }

    Map<String, double[]> rewards() {
        return rewards;
    }
}
