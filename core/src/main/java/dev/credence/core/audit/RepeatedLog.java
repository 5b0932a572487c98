package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A log as it would be had several times its draws been made and come out as they did. Estimates stay where they are, and intervals
 * come out about as wide as those of a log that is truly so large: the same estimators see the numbers of records, whatever their
 * ends are made of (first order, jackknife, room for texts that no record shows).
 */
public final class RepeatedLog {
    private RepeatedLog() {}

    /**
     * More records of each prompt.
     *
     * @param log the log, n records
     * @param times how often each record stands; at least 1
     * @return n · times records, units that were drawn together being other units each time
     * @throws IllegalArgumentException if times is below 1, or the records would be more than an array holds
     */
    public static RolloutLog ofRecords(RolloutLog log, int times) {
        require(times);
        if ((long) log.size() * times > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    times + " times " + log.size() + " records are more than an array holds");
        }
        int[] from = new int[log.size() * times];
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        int end = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            int start = end;
            for (int copy = 0; copy < times; copy++) {
                for (int i = prompt.from(); i < prompt.to(); i++) {
                    from[end++] = i;
                }
            }
            prompts.add(grown(prompt, start, end, times));
        }
        return new RolloutLog(log.rewardNames(), log.sources(), prompts, columns(log, from), log.tilts());
    }

    /**
     * More prompts, with as many records each.
     *
     * @param log the log
     * @param times how often each prompt stands, under names that differ; at least 1
     * @return a log that shares its records with the first
     * @throws IllegalArgumentException if times is below 1
     */
    public static RolloutLog ofPrompts(RolloutLog log, int times) {
        require(times);
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            for (int copy = 0; copy < times; copy++) {
                prompts.add(new RolloutLog.Prompt(
                        copy == 0 ? prompt.text() : prompt.text() + '\0' + times + '\0' + copy,
                        prompt.weight() / times,
                        prompt.from(),
                        prompt.to(),
                        prompt.heldOut(),
                        prompt.cut(),
                        prompt.priorTexts(),
                        prompt.policyTexts(),
                        prompt.draws()));
            }
        }
        return new RolloutLog(log.rewardNames(), log.sources(), prompts, log.columns(), log.tilts());
    }

    private static void require(int times) {
        if (times < 1) {
            throw new IllegalArgumentException("times is " + times + "; it must be at least 1");
        }
    }

    private static RolloutLog.Prompt grown(RolloutLog.Prompt prompt, int from, int to, int times) {
        RolloutLog.Draws draws = prompt.draws();
        return new RolloutLog.Prompt(
                prompt.text(),
                prompt.weight(),
                from,
                to,
                prompt.heldOut(),
                prompt.cut() * times,
                prompt.priorTexts(),
                prompt.policyTexts(),
                new RolloutLog.Draws(
                        draws.prior() * times,
                        draws.policy() * times,
                        draws.isPriorEstimated(),
                        draws.isPolicyEstimated()));
    }

    private static RolloutLog.Columns columns(RolloutLog log, int[] from) {
        RolloutLog.Columns columns = log.columns();
        double[][] rewards = new double[columns.rewards().length][];
        for (int k = 0; k < rewards.length; k++) {
            rewards[k] = taken(columns.rewards()[k], from);
        }
        byte[] source = new byte[from.length];
        for (int i = 0; i < from.length; i++) {
            source[i] = columns.source()[from[i]];
        }
        int[] tokens = columns.tokens();
        long[] text = columns.text();
        double[] logSource = columns.logSource();
        double[] tokenKl = columns.tokenKl();
        RolloutLog.Kept kept = columns.kept();
        return new RolloutLog.Columns(
                rewards,
                taken(columns.logPrior(), from),
                taken(columns.logPolicy(), from),
                source,
                logSource == null ? null : taken(logSource, from),
                tokens == null ? null : IntStream.of(from).map(i -> tokens[i]).toArray(),
                units(columns.group(), from),
                tokenKl == null ? null : taken(tokenKl, from),
                kept == null ? null : new RolloutLog.Kept(taken(kept.prior(), from), taken(kept.policy(), from)),
                text == null ? null : IntStream.of(from).mapToLong(i -> text[i]).toArray());
    }

    /** Groups of another time are other groups: the k-th time that a record is taken, its group is k · (largest + 1) further. */
    private static int @Nullable [] units(int @Nullable [] group, int[] from) {
        if (group == null) {
            return null;
        }
        int groups = 1 + IntStream.of(group).max().orElse(-1);
        int[] seen = new int[group.length];
        int[] units = new int[from.length];
        for (int i = 0; i < from.length; i++) {
            int own = group[from[i]];
            units[i] = own < 0 ? own : Math.addExact(own, Math.multiplyExact(seen[from[i]]++, groups));
        }
        return units;
    }

    private static double[] taken(double[] values, int[] from) {
        double[] taken = new double[from.length];
        for (int i = 0; i < from.length; i++) {
            taken[i] = values[from[i]];
        }
        return taken;
    }
}
