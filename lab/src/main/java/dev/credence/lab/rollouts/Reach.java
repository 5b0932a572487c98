package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * How well one prompt's records carry a tilted posterior π0 e^{λr}/Z, as the gates will ask (docs/gates.md): the effective number of
 * records, and where rewards have levels the posterior mass that no record may show.
 */
final class Reach {
    private static final int MOST_LEVELS = 50;
    private static final double SINGLE = 0.1; // share of records that may be a level of their own
    private static final int FEW = 5; // prior records of a level
    private static final double RULE_OF_THREE = 3;

    private final double[] rewards;
    private final double[] logWeights; // (records) log u = log π0/q
    private final byte[] source;
    private final double[] kept; // (records) of a prior draw with this reward
    private final double priorDraws;

    /**
     * Of the records of a prompt.
     *
     * @param log the log
     * @param prompt one of its prompts
     * @param reward position of the audited reward
     */
    Reach(RolloutLog log, RolloutLog.Prompt prompt, int reward) {
        RolloutLog.Columns columns = log.columns();
        this.rewards = Arrays.copyOfRange(columns.rewards()[reward], prompt.from(), prompt.to());
        this.source = Arrays.copyOfRange(columns.source(), prompt.from(), prompt.to());
        this.kept = new double[rewards.length];
        this.logWeights = new double[rewards.length];
        double[] draws = {prompt.draws().prior(), prompt.draws().policy(), Double.NaN};
        for (byte s = 0; s < draws.length; s++) {
            draws[s] = Double.isNaN(draws[s]) ? count(s) : draws[s];
        }
        this.priorDraws = draws[RolloutLog.PRIOR];
        double total = Arrays.stream(draws).sum();
        double[] bridge = columns.logSource();
        for (int i = 0; i < kept.length; i++) {
            int record = prompt.from() + i;
            RolloutLog.Kept thinned = columns.kept();
            kept[i] = thinned == null ? 1 : thinned.prior()[record];
            double ofPolicy = thinned == null ? 1 : thinned.policy()[record];
            double ratio = Math.exp(columns.logPolicy()[record] - columns.logPrior()[record]);
            double q = draws[RolloutLog.PRIOR] * kept[i] + draws[RolloutLog.POLICY] * ofPolicy * ratio;
            if (bridge != null) {
                q += draws[DrawRound.BRIDGE] * Math.exp(bridge[record] - columns.logPrior()[record]);
            }
            logWeights[i] = -Math.log(q / total);
        }
    }

    private long count(byte which) {
        int n = 0;
        for (byte s : source) {
            n += s == which ? 1 : 0;
        }
        return n;
    }

    /** Rewards of the prior's records with the probabilities with which they were kept: what draws look like. */
    KeepChoice choice() {
        int n = (int) count(RolloutLog.PRIOR);
        double[] own = new double[n];
        double[] probability = new double[n];
        int at = 0;
        for (int i = 0; i < rewards.length; i++) {
            if (source[i] == RolloutLog.PRIOR) {
                own[at] = rewards[i];
                probability[at++] = kept[i];
            }
        }
        return new KeepChoice(own, probability);
    }

    /** {@return the prior's records} */
    int priorRecords() {
        return (int) count(RolloutLog.PRIOR);
    }

    /** {@return whether rewards have levels: few values, most of them met often} */
    boolean hasLevels() {
        Map<Double, Integer> levels = new TreeMap<>();
        for (double reward : rewards) {
            levels.merge(reward, 1, Integer::sum);
        }
        long single = levels.values().stream().filter(count -> count == 1).count();
        return levels.size() <= MOST_LEVELS && single <= SINGLE * rewards.length;
    }

    /**
     * The effective number of records.
     *
     * @param copies λ; infinite: of the largest reward's records, −∞ of the smallest
     * @return (Σ w)²/Σ w² of w = u e^{λr}
     */
    double effective(double copies) {
        double[] exponents = exponents(copies);
        double most = Arrays.stream(exponents).max().orElse(0);
        double sum = 0;
        double squares = 0;
        for (double exponent : exponents) {
            double weight = Math.exp(exponent - most);
            sum += weight;
            squares += weight * weight;
        }
        return sum * sum / squares;
    }

    /**
     * A bound of the posterior's mass on levels that too few of the prior's records show.
     *
     * @param copies λ
     * @return Σ 3/(N0 a0) e^{λr}/Z(λ) over the levels with fewer than five; 0 where rewards have no levels
     */
    double unseen(double copies) {
        if (!hasLevels()) {
            return 0;
        }
        Map<Double, Integer> shown = new TreeMap<>();
        Map<Double, Double> probability = new TreeMap<>();
        double total = 0;
        double[] exponents = exponents(copies);
        double most = Arrays.stream(exponents).max().orElse(0);
        double sum = 0;
        for (int i = 0; i < rewards.length; i++) {
            shown.merge(rewards[i], source[i] == RolloutLog.PRIOR ? 1 : 0, Integer::sum);
            probability.put(rewards[i], kept[i]);
            sum += Math.exp(exponents[i] - most);
            total += Math.exp(logWeights[i]);
        }
        double bound = 0;
        for (Map.Entry<Double, Integer> level : shown.entrySet()) {
            if (level.getValue() < FEW) {
                double likelihood = Math.exp(tilt(copies, level.getKey()) - most);
                bound += RULE_OF_THREE / (priorDraws * probability.getOrDefault(level.getKey(), 1.0)) * likelihood;
            }
        }
        return bound * total / sum;
    }

    private double[] exponents(double copies) {
        double[] exponents = new double[rewards.length];
        Arrays.setAll(exponents, i -> logWeights[i] + tilt(copies, rewards[i]));
        return exponents;
    }

    /** λr; at an infinite λ 0 for the reward that is left, −∞ for all others. */
    private double tilt(double copies, double reward) {
        if (!Double.isInfinite(copies)) {
            return copies * reward;
        }
        double left = copies > 0
                ? Arrays.stream(rewards).max().orElse(0)
                : Arrays.stream(rewards).min().orElse(0);
        return reward == left ? 0 : Double.NEGATIVE_INFINITY;
    }
}
