package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** A log that is spread over processes, which here are threads that share nothing but what they tell each other. */
final class SpreadLog {
    private SpreadLog() {}

    /** The audit of a log's prompts as each of so many processes comes to it. */
    static List<StepAudit> audits(RolloutLog log, AuditOptions options, int processes) throws Exception {
        ThreadRounds rounds = new ThreadRounds(processes);
        ExecutorService pool = Executors.newFixedThreadPool(processes);
        try {
            List<Callable<StepAudit>> each = new ArrayList<>();
            int[] ends = IntStream.rangeClosed(0, processes)
                    .map(k -> k * log.prompts().size() / processes)
                    .toArray();
            for (int k = 0; k < processes; k++) {
                RolloutLog share = share(log, ends[k], ends[k + 1]);
                Exchange exchange = rounds.of(k);
                each.add(() -> Audit.ofTellingPrompts(share, options, exchange));
            }
            List<StepAudit> audits = new ArrayList<>();
            for (Future<StepAudit> audit : pool.invokeAll(each)) {
                audits.add(audit.get());
            }
            return audits;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            pool.shutdownNow();
        }
    }

    /** The prompts from one on to another, with their records alone. */
    static RolloutLog share(RolloutLog log, int first, int end) {
        List<RolloutLog.Prompt> own = log.prompts().subList(first, end);
        int from = own.isEmpty() ? 0 : own.get(0).from();
        int to = own.isEmpty() ? 0 : own.get(own.size() - 1).to();
        RolloutLog.Columns c = log.columns();
        double[] kl = c.tokenKl();
        RolloutLog.Columns columns = new RolloutLog.Columns(
                Arrays.stream(c.rewards())
                        .map(reward -> Arrays.copyOfRange(reward, from, to))
                        .toArray(double[][]::new),
                Arrays.copyOfRange(c.logPrior(), from, to),
                Arrays.copyOfRange(c.logPolicy(), from, to),
                Arrays.copyOfRange(c.source(), from, to),
                null,
                c.tokens() == null ? null : Arrays.copyOfRange(c.tokens(), from, to),
                c.group() == null ? null : Arrays.copyOfRange(c.group(), from, to),
                kl == null ? null : Arrays.copyOfRange(kl, from, to),
                null,
                c.text() == null ? null : Arrays.copyOfRange(c.text(), from, to));
        List<RolloutLog.Prompt> moved = own.stream()
                .map(p -> new RolloutLog.Prompt(
                        p.text(),
                        p.weight(),
                        p.from() - from,
                        p.to() - from,
                        p.heldOut(),
                        p.cut(),
                        p.priorTexts(),
                        p.policyTexts()))
                .toList();
        return new RolloutLog(log.rewardNames(), log.sources(), moved, columns);
    }
}
