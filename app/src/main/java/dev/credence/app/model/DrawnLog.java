package dev.credence.app.model;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.DrawnRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** A log as it is drawn: more records of each prompt from time to time, each with its rewards. */
final class DrawnLog {
    private final Map<String, Double> weights;
    private final Map<String, RewardExpression> rewards;
    private final Map<String, List<Rollout>> rollouts = new LinkedHashMap<>();
    private final Map<String, List<double[]>> values = new LinkedHashMap<>(); // (records) of (rewards)
    private int size;

    DrawnLog(Map<String, Double> weights, Map<String, RewardExpression> rewards) {
        this.weights = weights;
        this.rewards = rewards;
        for (String prompt : weights.keySet()) {
            rollouts.put(prompt, new ArrayList<>());
            values.put(prompt, new ArrayList<>());
        }
    }

    /** Files records of any prompts, and computes their rewards, all together. */
    void add(List<Rollout> drawn) {
        List<double[]> columns = new ArrayList<>();
        rewards.forEach((name, expression) -> columns.add(evaluate(name, expression, drawn)));
        for (int i = 0; i < drawn.size(); i++) {
            double[] own = new double[columns.size()];
            for (int k = 0; k < own.length; k++) {
                own[k] = columns.get(k)[i];
            }
            Rollout rollout = drawn.get(i);
            rollouts.getOrDefault(rollout.prompt(), List.of()).add(rollout);
            values.getOrDefault(rollout.prompt(), List.of()).add(own);
        }
        size += drawn.size();
    }

    static double[] evaluate(String name, RewardExpression expression, List<Rollout> drawn) {
        double[] computed;
        try {
            computed = expression.evaluateAll(drawn);
        } catch (NoSuchElementException e) {
            throw InputException.ofOption("--reward", name, String.valueOf(e.getMessage()));
        }
        for (int i = 0; i < computed.length; i++) {
            if (!(Math.abs(computed[i]) < Double.POSITIVE_INFINITY)) {
                throw InputException.ofOption(
                        "--reward",
                        name,
                        "it is " + computed[i] + " for '" + drawn.get(i).completion() + "'; it must be finite");
            }
        }
        return computed;
    }

    int size() {
        return size;
    }

    /** The same as columns, to be audited while it grows; texts stay behind. */
    RolloutLog columns() {
        double[][] reward = new double[rewards.size()][size];
        double[] logPrior = new double[size];
        double[] logPolicy = new double[size];
        byte[] source = new byte[size];
        int[] tokens = new int[size];
        double total =
                weights.values().stream().mapToDouble(Double::doubleValue).sum();
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        int at = 0;
        for (Map.Entry<String, Double> prompt : weights.entrySet()) {
            int from = at;
            int cut = 0;
            List<double[]> own = values.getOrDefault(prompt.getKey(), List.of());
            for (Rollout rollout : rollouts.getOrDefault(prompt.getKey(), List.of())) {
                logPrior[at] = rollout.logPrior();
                logPolicy[at] = rollout.logPolicy();
                source[at] = rollout.source();
                tokens[at] = rollout.tokens();
                cut += rollout.finished() ? 0 : 1;
                for (int k = 0; k < reward.length; k++) {
                    reward[k][at] = own.get(at - from)[k];
                }
                at++;
            }
            prompts.add(new RolloutLog.Prompt(
                    prompt.getKey(), prompt.getValue() / total, from, at, false, cut, List.of(), List.of()));
        }
        RolloutLog.Columns columns = new RolloutLog.Columns(reward, logPrior, logPolicy, source, null, tokens, null);
        return new RolloutLog(List.copyOf(rewards.keySet()), List.of("prior", "policy"), prompts, columns);
    }

    /** All records as they are written. */
    List<DrawnRecord> records() {
        List<String> names = List.copyOf(rewards.keySet());
        List<DrawnRecord> records = new ArrayList<>(size);
        weights.forEach((prompt, weight) -> {
            List<double[]> own = values.getOrDefault(prompt, List.of());
            int i = 0;
            for (Rollout rollout : rollouts.getOrDefault(prompt, List.of())) {
                Map<String, Double> named = new LinkedHashMap<>();
                for (int k = 0; k < names.size(); k++) {
                    named.put(names.get(k), own.get(i)[k]);
                }
                i++;
                records.add(new DrawnRecord(
                        prompt,
                        rollout.completion(),
                        rollout.ids(),
                        rollout.finished(),
                        rollout.source() == RolloutLog.PRIOR ? "prior" : "policy",
                        named,
                        rollout.logPrior(),
                        rollout.logPolicy(),
                        weight));
            }
        });
        return records;
    }
}
