package dev.credence.core.audit;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Builds small rollout logs for tests, record by record. */
final class Logs {
    /** One record. */
    record Row(
            String prompt,
            int source,
            double reward,
            double logPrior,
            double logPolicy,
            int group,
            boolean heldOut,
            long text) {
        Row(String prompt, int source, double reward, double logPrior, double logPolicy) {
            this(prompt, source, reward, logPrior, logPolicy, -1, false);
        }

        Row(String prompt, int source, double reward, double logPrior, double logPolicy, int group, boolean heldOut) {
            this(prompt, source, reward, logPrior, logPolicy, group, heldOut, -1);
        }
    }

    private Logs() {}

    /** The log of rows that are already side by side by prompt. */
    static RolloutLog of(List<Row> rows) {
        return of(rows, List.of("prior", "policy"), null);
    }

    static RolloutLog of(List<Row> rows, List<String> sources, double @Nullable [] logSource) {
        int n = rows.size();
        double[] reward = new double[n];
        double[] logPrior = new double[n];
        double[] logPolicy = new double[n];
        byte[] source = new byte[n];
        int[] tokens = new int[n];
        int[] group = new int[n];
        long[] text = new long[n];
        boolean grouped = false;
        boolean texts = false;
        List<String> prompts = rows.stream().map(Row::prompt).distinct().toList();
        List<RolloutLog.Prompt> ranges = new ArrayList<>();
        int at = 0;
        for (String prompt : prompts) {
            int from = at;
            boolean heldOut = false;
            for (Row row : rows) {
                if (row.prompt.equals(prompt)) {
                    reward[at] = row.reward;
                    logPrior[at] = row.logPrior;
                    logPolicy[at] = row.logPolicy;
                    source[at] = (byte) row.source;
                    tokens[at] = 1 + (int) Math.round(Math.abs(7 * Math.sin(row.logPrior + 3 * row.reward)));
                    group[at] = row.group;
                    text[at] = row.text;
                    texts |= row.text >= 0;
                    grouped |= row.group >= 0;
                    heldOut |= row.heldOut;
                    at++;
                }
            }
            ranges.add(new RolloutLog.Prompt(prompt, 1.0 / prompts.size(), from, at, heldOut, 0, List.of(), List.of()));
        }
        return new RolloutLog(
                List.of("reward"),
                sources,
                ranges,
                new RolloutLog.Columns(
                                new double[][] {reward},
                                logPrior,
                                logPolicy,
                                source,
                                logSource,
                                tokens,
                                grouped ? group : null)
                        .withText(texts ? text : null));
    }

    /** The same log with another reward beside its first, a value a record. */
    static RolloutLog withReward(RolloutLog log, String name, double[] other) {
        RolloutLog.Columns c = log.columns();
        return new RolloutLog(
                List.of(log.rewardNames().get(0), name),
                log.sources(),
                log.prompts(),
                new RolloutLog.Columns(
                                new double[][] {c.rewards()[0], other},
                                c.logPrior(),
                                c.logPolicy(),
                                c.source(),
                                null,
                                c.tokens(),
                                c.group())
                        .withText(c.text()),
                log.tilts());
    }

    /** Draws records of one prompt from tables of prior and policy. */
    static List<Row> draw(
            String prompt,
            Distribution prior,
            Distribution policy,
            double[] reward,
            int[] counts,
            RandomGenerator random) {
        List<Row> rows = new ArrayList<>();
        for (int source = 0; source < 2; source++) {
            for (int k = 0; k < counts[source]; k++) {
                int x = (source == RolloutLog.PRIOR ? prior : policy).sample(random);
                rows.add(new Row(prompt, source, reward[x], prior.logProbability(x), policy.logProbability(x)));
            }
        }
        return rows;
    }

    /** The records of a prompt in the order of its atoms: where there are groups, by source and group. */
    static int[] order(RolloutLog log, RolloutLog.Prompt prompt) {
        int[] group = log.columns().group();
        List<Integer> order = new ArrayList<>();
        for (int i = prompt.from(); i < prompt.to(); i++) {
            order.add(i);
        }
        if (group != null) {
            order.sort((a, b) -> {
                int source = log.columns().source()[a] - log.columns().source()[b];
                return source != 0 ? source : group[a] - group[b]; // a stable sort: ties keep their places
            });
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    static AuditOptions options(@Nullable Double beta) {
        return new AuditOptions(beta, "reward", RewardType.SCORE, List.of("reward"), null, 1);
    }
}
