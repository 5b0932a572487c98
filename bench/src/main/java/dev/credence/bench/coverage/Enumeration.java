package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The truth about a world by plain sums over its tables, with none of the audit's code: what coverage and verdicts are held
 * against. Prompts have equal weights.
 */
final class Enumeration {
    private static final double LARGEST_COPIES = 1e4;
    private static final int STEPS = 200;

    private final List<Prompt> prompts = new ArrayList<>();
    private final double meanReward; // of the policy

    /** One prompt, normalised; every array is (outcomes). */
    private static final class Prompt {
        private final double[] logPrior;
        private final double[] policy;
        private final double[] reward;

        Prompt(Table table) {
            double priorTotal = Arrays.stream(table.prior()).sum();
            double policyTotal = Arrays.stream(table.policy()).sum();
            logPrior = Arrays.stream(table.prior())
                    .map(p -> Math.log(p / priorTotal))
                    .toArray();
            policy = Arrays.stream(table.policy()).map(p -> p / policyTotal).toArray();
            reward = table.reward();
        }

        /** {log Z, mean, variance} of the reward under π0 e^{λr}/Z. */
        double[] tilt(double lambda) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < reward.length; i++) {
                largest = Math.max(largest, logPrior[i] + lambda * reward[i]);
            }
            double sum = 0;
            double first = 0;
            double second = 0;
            for (int i = 0; i < reward.length; i++) {
                double weight = Math.exp(logPrior[i] + lambda * reward[i] - largest);
                sum += weight;
                first += weight * reward[i];
                second += weight * reward[i] * reward[i];
            }
            double mean = first / sum;
            return new double[] {largest + Math.log(sum), mean, second / sum - mean * mean};
        }

        double meanReward() {
            double mean = 0;
            for (int i = 0; i < reward.length; i++) {
                mean += policy[i] * reward[i];
            }
            return mean;
        }

        /** KL(π‖π0). */
        double moved() {
            double kl = 0;
            for (int i = 0; i < policy.length; i++) {
                kl += policy[i] > 0 ? policy[i] * (Math.log(policy[i]) - logPrior[i]) : 0;
            }
            return kl;
        }

        /** {KL(asked‖π), recall} at 1/β. */
        double[] missed(double asked) {
            double logZ = tilt(asked)[0];
            double kl = 0;
            double recall = 0;
            for (int i = 0; i < policy.length; i++) {
                double logTarget = logPrior[i] + asked * reward[i] - logZ;
                double target = Math.exp(logTarget);
                kl += target > 0 ? target * (logTarget - Math.log(policy[i])) : 0;
                recall += policy[i] >= 0.5 * target ? target : 0;
            }
            return new double[] {kl, recall};
        }
    }

    private Enumeration(List<Table> tables) {
        tables.forEach(table -> prompts.add(new Prompt(table)));
        meanReward = prompts.stream().mapToDouble(Prompt::meanReward).average().orElseThrow();
    }

    /**
     * The figures of a world.
     *
     * @param tables the prompts
     * @param asked the stated λ = 1/β
     * @return by id; those of the departure are missing where no number of copies reaches the policy's mean reward
     */
    static Map<String, Double> of(List<Table> tables, double asked) {
        Enumeration world = new Enumeration(tables);
        Map<String, Double> figures = new LinkedHashMap<>();
        world.putLedger(figures);
        world.putAsked(figures, asked);
        return figures;
    }

    private void putLedger(Map<String, Double> figures) {
        double moved = prompts.stream().mapToDouble(Prompt::moved).average().orElseThrow();
        figures.put("kl.policy_prior", moved);
        double lambda = copies();
        if (Math.abs(lambda) < LARGEST_COPIES) {
            double explained = lambda * meanReward - mean(lambda, 0);
            figures.put("copies.moment_match", lambda);
            figures.put("kl.explained", explained);
            figures.put("kl.departure", Math.max(0, moved - explained));
            figures.put("bayes_fraction", Math.min(1, explained / moved));
        }
    }

    private void putAsked(Map<String, Double> figures, double asked) {
        double logZ = mean(asked, 0);
        figures.put("log_z", logZ);
        figures.put("kl.policy_asked", figures.getOrDefault("kl.policy_prior", Double.NaN) - asked * meanReward + logZ);
        double missed = 0;
        double recall = 0;
        for (Prompt prompt : prompts) {
            double[] own = prompt.missed(asked);
            missed += own[0] / prompts.size();
            recall += own[1] / prompts.size();
        }
        figures.put("kl.asked_policy", missed);
        figures.put("recall", recall);
    }

    private double mean(double lambda, int position) {
        return prompts.stream()
                .mapToDouble(prompt -> prompt.tilt(lambda)[position])
                .average()
                .orElseThrow();
    }

    /** The λ whose tilts have the policy's mean reward: Newton's steps within a bracket. */
    private double copies() {
        double low = -LARGEST_COPIES;
        double high = LARGEST_COPIES;
        double lambda = 0;
        for (int k = 0; k < STEPS; k++) {
            double mean = 0;
            double variance = 0;
            for (Prompt prompt : prompts) {
                double[] tilt = prompt.tilt(lambda);
                mean += tilt[1] / prompts.size();
                variance += tilt[2] / prompts.size();
            }
            if (mean < meanReward) {
                low = lambda;
            } else {
                high = lambda;
            }
            double next = lambda + (meanReward - mean) / variance;
            boolean inside = next > low && next < high && Math.abs(next - lambda) < 10 + Math.abs(lambda);
            next = inside ? next : bisect(low, high);
            if (Math.abs(next - lambda) <= 1e-13 * (1 + Math.abs(lambda))) {
                return next;
            }
            lambda = next;
        }
        return lambda;
    }

    /** The middle, in orders of magnitude where an end is still far. */
    private static double bisect(double low, double high) {
        if (low == -LARGEST_COPIES && high <= 0) {
            return 2 * high - 1;
        }
        return high == LARGEST_COPIES && low >= 0 ? 2 * low + 1 : 0.5 * (low + high);
    }
}
