package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the blocks of all workers together, one log a step. */
final class LogAssembler {
    private LogAssembler() {}

    /**
     * Puts the blocks together.
     *
     * @param blocks in the order of the input; their columns are given up
     * @param rewardNames the log's own and then the computed ones
     */
    static List<LogRead.StepLog> assemble(List<RecordBlock> blocks, List<String> rewardNames) {
        LogCells cells = new LogCells(blocks);
        LogColumns columns = new LogColumns(blocks);
        RolloutLog.Columns all = columns.move(rewardNames.size());
        List<LogRead.StepLog> logs = new ArrayList<>();
        for (List<LogCells.Cell> step : cells.steps()) {
            int from = step.get(0).from;
            LogCells.Cell last = step.get(step.size() - 1);
            RolloutLog.Columns own = slice(all, from, last.from + last.count);
            if (own.group() != null) {
                LogColumns.renumber(own.group(), step, from);
            }
            WorkerTables.Context context = step.get(0).context;
            RolloutLog log = new RolloutLog(rewardNames, List.copyOf(columns.sources()), prompts(step, from), own);
            logs.add(new LogRead.StepLog(context.hasStep() ? context.step() : null, log));
        }
        return List.copyOf(logs);
    }

    private static List<RolloutLog.Prompt> prompts(List<LogCells.Cell> step, int base) {
        boolean weighted = !Double.isNaN(step.get(0).context.weight());
        double total = weighted
                ? step.stream().mapToDouble(cell -> cell.context.weight()).sum()
                : step.size();
        List<RolloutLog.Prompt> prompts = new ArrayList<>(step.size());
        for (LogCells.Cell cell : step) {
            double weight = (weighted ? cell.context.weight() : 1) / total;
            int from = cell.from - base;
            prompts.add(new RolloutLog.Prompt(
                    cell.prompt,
                    weight,
                    from,
                    from + cell.count,
                    cell.context.heldOut(),
                    cell.cut,
                    cell.priorTexts.texts(),
                    cell.policyTexts.texts()));
        }
        return prompts;
    }

    /** The columns of some records; the same arrays where these are all. */
    private static RolloutLog.Columns slice(RolloutLog.Columns all, int from, int to) {
        if (from == 0 && to == all.source().length) {
            return all;
        }
        double[][] rewards = new double[all.rewards().length][];
        for (int k = 0; k < rewards.length; k++) {
            rewards[k] = Arrays.copyOfRange(all.rewards()[k], from, to);
        }
        return new RolloutLog.Columns(
                        rewards,
                        Arrays.copyOfRange(all.logPrior(), from, to),
                        Arrays.copyOfRange(all.logPolicy(), from, to),
                        Arrays.copyOfRange(all.source(), from, to),
                        slice(all.logSource(), from, to),
                        slice(all.tokens(), from, to),
                        slice(all.group(), from, to))
                .withTokenKl(slice(all.tokenKl(), from, to));
    }

    private static double @Nullable [] slice(double @Nullable [] all, int from, int to) {
        return all == null ? null : Arrays.copyOfRange(all, from, to);
    }

    private static int @Nullable [] slice(int @Nullable [] all, int from, int to) {
        return all == null ? null : Arrays.copyOfRange(all, from, to);
    }
}
