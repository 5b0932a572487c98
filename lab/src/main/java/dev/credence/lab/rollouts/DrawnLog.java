package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.DrawnRecord;
import dev.credence.data.rollouts.RolloutLogWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** The numbers of a log as it is drawn, with its rewards; the texts stay in the {@link DrawSpool}. */
final class DrawnLog {
    /** Texts whose rewards are computed together: few starts of a program, and a bounded number of texts in memory. */
    private static final int BATCH = 8192;

    private final Map<String, Double> weights;
    private final Map<String, RewardExpression> rewards;
    private final List<Row> rows = new ArrayList<>();

    /** What is kept of a text. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(
            String prompt,
            byte source,
            int tokens,
            boolean finished,
            double logPrior,
            double logPolicy,
            double tokenKl,
            double[] rewards) {}

    DrawnLog(Map<String, Double> weights, Map<String, RewardExpression> rewards) {
        this.weights = weights;
        this.rewards = rewards;
    }

    /** Takes the texts that it has not yet, and computes their rewards. */
    void take(DrawSpool spool) throws IOException {
        List<Rollout> batch = new ArrayList<>();
        spool.read(rows.size(), text -> {
            batch.add(text);
            if (batch.size() == BATCH) {
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
                    text.tokenKl(),
                    own));
        }
        batch.clear();
    }

    static double[] evaluate(String name, RewardExpression expression, List<Rollout> drawn) {
        double[] computed;
        try {
            computed = drawn.isEmpty() ? new double[0] : expression.evaluateAll(drawn);
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
        byte[] source = new byte[size];
        int[] tokens = new int[size];
        double[] tokenKl = new double[size];
        double total =
                weights.values().stream().mapToDouble(Double::doubleValue).sum();
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        int at = 0;
        for (Map.Entry<String, Double> prompt : weights.entrySet()) {
            int from = at;
            int cut = 0;
            for (Row row : rows) {
                if (!row.prompt.equals(prompt.getKey())) {
                    continue;
                }
                logPrior[at] = row.logPrior;
                logPolicy[at] = row.logPolicy;
                source[at] = row.source;
                tokens[at] = row.tokens;
                tokenKl[at] = row.tokenKl;
                cut += row.finished ? 0 : 1;
                for (int k = 0; k < reward.length; k++) {
                    reward[k][at] = row.rewards[k];
                }
                at++;
            }
            prompts.add(new RolloutLog.Prompt(
                    prompt.getKey(), prompt.getValue() / total, from, at, false, cut, List.of(), List.of()));
        }
        return new RolloutLog(
                rewards(),
                List.of("prior", "policy"),
                prompts,
                new RolloutLog.Columns(reward, logPrior, logPolicy, source, null, tokens, null).withTokenKl(tokenKl));
    }

    /** All records as they are written; every text must have been taken. */
    void write(DrawSpool spool, RolloutLogWriter.Sink sink) throws IOException {
        Iterator<Row> next = rows.iterator();
        spool.read(0, text -> {
            double[] own = next.next().rewards;
            Map<String, Double> named = new LinkedHashMap<>();
            for (String name : rewards.keySet()) {
                named.put(name, own[named.size()]);
            }
            sink.add(new DrawnRecord(
                    text.prompt(),
                    text.completion(),
                    text.ids(),
                    text.finished(),
                    text.source() == RolloutLog.PRIOR ? "prior" : "policy",
                    named,
                    text.logPrior(),
                    text.logPolicy(),
                    text.tokenKl(),
                    weights.getOrDefault(text.prompt(), Double.NaN)));
        });
    }
}
