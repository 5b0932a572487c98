package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.DrawnRecord;
import dev.credence.data.rollouts.RolloutLogWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The numbers of a log as it is drawn, with its rewards; the texts stay in the {@link DrawSpool}. */
final class DrawnLog {
    /** Texts whose rewards are computed together: few starts of a program, and a bounded number of texts in memory. */
    private static final int BATCH = 8192;

    private final Map<String, Double> weights;
    private final Map<String, RewardExpression> rewards;
    private final String audited;
    private final @Nullable String bridge;
    private final Map<String, Thinnings> thinnings = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private long chunks;

    /**
     * How the draws of one prompt were thinned.
     *
     * @param prior those of the prior
     * @param policy those of the policy
     * @param bridge those of the bridge, all of which are kept
     */
    record Thinnings(Thinning prior, Thinning policy, Thinning bridge) {
        Thinning of(byte source) {
            return switch (source) {
                case RolloutLog.PRIOR -> prior;
                case RolloutLog.POLICY -> policy;
                default -> bridge;
            };
        }

        private boolean thins() {
            return prior.thins() || policy.thins();
        }

        private RolloutLog.Draws draws() {
            return thins() ? new RolloutLog.Draws(prior.draws(), policy.draws()) : RolloutLog.Draws.ALL_KEPT;
        }
    }

    /** What is kept of a text. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(
            String prompt,
            byte source,
            int tokens,
            boolean finished,
            double logPrior,
            double logPolicy,
            double logBridge,
            double tokenKl,
            double[] rewards) {
        private double reward(int name) {
            return rewards[name];
        }
    }

    /**
     * A log of nothing yet.
     *
     * @param weights prompt to weight
     * @param rewards by name
     * @param audited name of the one that decides what is kept
     * @param bridge what draws of the bridge are called, or null where there is none
     */
    DrawnLog(
            Map<String, Double> weights,
            Map<String, RewardExpression> rewards,
            String audited,
            @Nullable String bridge) {
        this.weights = weights;
        this.rewards = rewards;
        this.audited = audited;
        this.bridge = bridge;
        weights.keySet()
                .forEach(
                        prompt -> thinnings.put(prompt, new Thinnings(new Thinning(), new Thinning(), new Thinning())));
    }

    /** How the draws of a prompt were thinned; grows with each round. */
    Thinnings thinnings(String prompt) {
        Thinnings own = thinnings.get(prompt);
        if (own == null) {
            throw new IllegalStateException("prompt '" + prompt + "' is not one of " + thinnings.keySet());
        }
        return own;
    }

    /** Takes the texts that it has not yet, and computes their rewards. */
    void take(DrawSpool spool) throws IOException {
        List<Rollout> batch = new ArrayList<>();
        spool.read(chunks, chunk -> {
            chunks++;
            batch.addAll(chunk.kept());
            if (batch.size() >= BATCH) {
                take(batch);
            }
        });
        take(batch);
    }

    private void take(List<Rollout> batch) {
        List<double[]> columns = new ArrayList<>();
        rewards.forEach((name, expression) -> columns.add(evaluate(name, expression, batch)));
        for (int i = 0; i < batch.size(); i++) {
            Rollout text = batch.get(i);
            int index = i;
            double[] own = columns.stream().mapToDouble(column -> column[index]).toArray();
            rows.add(new Row(
                    text.prompt(),
                    text.source(),
                    text.tokens(),
                    text.finished(),
                    text.logPrior(),
                    text.logPolicy(),
                    text.logBridge(),
                    text.tokenKl(),
                    own));
        }
        batch.clear();
    }

    /** The reward that decided what is kept is not asked again: what was kept depends on the value that it had. */
    private double[] evaluate(String name, RewardExpression expression, List<Rollout> batch) {
        if (!name.equals(audited)) {
            return DrawnRewards.evaluate(name, expression, batch);
        }
        List<Rollout> unknown =
                batch.stream().filter(text -> Double.isNaN(text.reward())).toList();
        double[] computed = DrawnRewards.evaluate(name, expression, unknown);
        double[] values = new double[batch.size()];
        int next = 0;
        for (int i = 0; i < values.length; i++) {
            double known = batch.get(i).reward();
            values[i] = Double.isNaN(known) ? computed[next++] : known;
        }
        return values;
    }

    /** By prompt: (sources) how many texts each gave, those that were not kept included. */
    List<int[]> draws() {
        return thinnings.values().stream()
                .map(own -> IntStream.range(0, sources().size())
                        .map(source -> (int) own.of((byte) source).draws())
                        .toArray())
                .toList();
    }

    private List<String> sources() {
        return bridge == null ? List.of("prior", "policy") : List.of("prior", "policy", bridge);
    }

    /** The names of the rewards. */
    List<String> rewards() {
        return List.copyOf(rewards.keySet());
    }

    /** The same as columns, to be audited while it grows. */
    RolloutLog columns() {
        int size = rows.size();
        double[][] reward = new double[rewards.size()][size];
        double[] logPrior = new double[size];
        double[] logPolicy = new double[size];
        double[] logBridge = new double[size];
        byte[] source = new byte[size];
        int[] tokens = new int[size];
        double[] tokenKl = new double[size];
        RolloutLog.Kept kept = new RolloutLog.Kept(new double[size], new double[size]);
        double total =
                weights.values().stream().mapToDouble(Double::doubleValue).sum();
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        int at = 0;
        for (Map.Entry<String, Double> prompt : weights.entrySet()) {
            int from = at;
            int cut = 0;
            Thinnings thinned = thinnings(prompt.getKey());
            for (Row row : rows) {
                if (!row.prompt.equals(prompt.getKey())) {
                    continue;
                }
                logPrior[at] = row.logPrior;
                logPolicy[at] = row.logPolicy;
                logBridge[at] = row.logBridge;
                source[at] = row.source;
                tokens[at] = row.tokens;
                tokenKl[at] = row.tokenKl;
                kept.prior()[at] = thinned.prior.kept(row.reward(audited()));
                kept.policy()[at] = thinned.policy.kept(row.reward(audited()));
                cut += row.finished ? 0 : 1;
                for (int k = 0; k < reward.length; k++) {
                    reward[k][at] = row.rewards[k];
                }
                at++;
            }
            prompts.add(new RolloutLog.Prompt(
                    prompt.getKey(),
                    prompt.getValue() / total,
                    from,
                    at,
                    false,
                    cut,
                    List.of(),
                    List.of(),
                    thinned.draws()));
        }
        boolean thins = thinnings.values().stream().anyMatch(Thinnings::thins);
        return new RolloutLog(
                rewards(),
                sources(),
                prompts,
                new RolloutLog.Columns(
                                reward, logPrior, logPolicy, source, bridge == null ? null : logBridge, tokens, null)
                        .withTokenKl(tokenKl)
                        .withKept(thins ? kept : null));
    }

    /** Position of the audited reward. */
    private int audited() {
        return rewards().indexOf(audited);
    }

    /** All records as they are written; every text must have been taken. */
    void write(DrawSpool spool, RolloutLogWriter.Sink sink) throws IOException {
        Iterator<Row> next = rows.iterator();
        spool.read(0, chunk -> {
            for (Rollout text : chunk.kept()) {
                double[] own = next.next().rewards;
                sink.add(record(text, sources().get(text.source()), own, sampling(text, own[audited()])));
            }
        });
    }

    /** Exact draws of a tilt as they are written. */
    void write(double lambda, List<Rollout> drawn, RolloutLogWriter.Sink sink) throws IOException {
        List<double[]> columns = new ArrayList<>();
        rewards.forEach((name, expression) -> columns.add(evaluate(name, expression, drawn)));
        for (int i = 0; i < drawn.size(); i++) {
            int index = i;
            double[] own = columns.stream().mapToDouble(column -> column[index]).toArray();
            DrawnRecord.HowDrawn sampling = sampling(drawn.get(i), own[audited()]);
            sink.add(record(drawn.get(i), "tilt", own, sampling.ofTilt(lambda)));
        }
    }

    private DrawnRecord record(Rollout text, String source, double[] own, DrawnRecord.HowDrawn sampling) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (String name : rewards.keySet()) {
            named.put(name, own[named.size()]);
        }
        DrawnRecord plain = new DrawnRecord(
                text.prompt(),
                text.completion(),
                text.ids(),
                text.finished(),
                source,
                named,
                text.logPrior(),
                text.logPolicy(),
                text.tokenKl(),
                weights.getOrDefault(text.prompt(), Double.NaN));
        return plain.by(sampling);
    }

    private DrawnRecord.HowDrawn sampling(Rollout text, double reward) {
        Thinnings own = thinnings(text.prompt());
        DrawnRecord.HowDrawn sampling = own.thins()
                ? DrawnRecord.HowDrawn.thinned(own.prior.kept(reward), own.policy.kept(reward), (double)
                        own.of(text.source()).draws())
                : DrawnRecord.HowDrawn.PLAIN;
        return sampling.under(text.logBridge());
    }
}
