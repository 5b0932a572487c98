package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.probability.WeightSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the blocks of all workers together, one log a step. */
final class LogAssembler {
    private final List<String> rewardNames;
    private final LogCells cells;
    private final LogColumns columns;
    private final ThinnedDraws.@Nullable Result thinned;

    /**
     * Puts the blocks together.
     *
     * @param blocks in the order of the input; their columns are given up
     * @param names the log's own rewards and the computed ones
     * @param complete whether no record was left out
     */
    LogAssembler(List<RecordBlock> blocks, RewardNames names, boolean complete) {
        this.rewardNames = names.all();
        this.cells = new LogCells(blocks);
        this.columns = new LogColumns(blocks);
        this.thinned = ThinnedDraws.of(blocks, cells, names.deciding(), complete);
    }

    /** One log a step. */
    List<LogRead.StepLog> assemble() {
        RolloutLog.Columns moved = columns.move(rewardNames.size());
        RolloutLog.Columns all =
                thinned == null ? moved : moved.withKept(new RolloutLog.Kept(thinned.prior(), thinned.policy()));
        List<LogRead.StepLog> logs = new ArrayList<>();
        int before = 0;
        for (List<LogCells.Cell> step : cells.steps()) {
            int from = step.get(0).from;
            LogCells.Cell last = step.get(step.size() - 1);
            RolloutLog.Columns own = ColumnSlice.of(all, from, last.from + last.count);
            if (own.group() != null) {
                LogColumns.renumber(own.group(), step, from);
            }
            WorkerTables.Context context = step.get(0).context;
            RolloutLog log = new RolloutLog(
                    rewardNames, List.copyOf(columns.sources()), prompts(step, from, before), own, columns.tilts());
            logs.add(new LogRead.StepLog(context.hasStep() ? context.step() : null, log));
            before += step.size();
        }
        return List.copyOf(logs);
    }

    /** What a reader of the figures should know of how these records were read. */
    List<String> notes() {
        List<String> notes = new ArrayList<>(columns.notes());
        if (thinned != null && thinned.assumed() > 0) {
            notes.add(String.format(
                    "%,d records do not tell with what probability the other source would have kept a draw with their reward;"
                            + " taken as 1. Where the reward is continuous, kept must be an object with prior and policy",
                    thinned.assumed()));
        }
        return notes;
    }

    /** Positions of the rewards on which keeping depends; empty where no draws were thinned. */
    List<Integer> thinnedBy() {
        return thinned == null ? List.of() : thinned.by();
    }

    /** By file: its records by source, and the prompts of which it has policy draws. */
    LogCells cells() {
        return cells;
    }

    private List<RolloutLog.Prompt> prompts(List<LogCells.Cell> step, int base, int before) {
        boolean weighted = !Double.isNaN(step.get(0).context.weight());
        WeightSum total = WeightSum.of(step.stream()
                .mapToDouble(cell -> weighted ? cell.context.weight() : 1)
                .toArray());
        List<RolloutLog.Prompt> prompts = new ArrayList<>(step.size());
        for (LogCells.Cell cell : step) {
            double weight = total.share(weighted ? cell.context.weight() : 1);
            int from = cell.from - base;
            prompts.add(new RolloutLog.Prompt(
                    cell.prompt,
                    weight,
                    from,
                    from + cell.count,
                    cell.context.heldOut(),
                    cell.cut,
                    cell.priorTexts.texts(),
                    cell.policyTexts.texts(),
                    thinned == null ? RolloutLog.Draws.ALL_KEPT : thinned.draws()[before + prompts.size()]));
        }
        return prompts;
    }

    /** The columns of one step. */
    private static final class ColumnSlice {
        private ColumnSlice() {}

        /** The columns of some records; the same arrays where these are all. */
        static RolloutLog.Columns of(RolloutLog.Columns all, int from, int to) {
            if (from == 0 && to == all.source().length) {
                return all;
            }
            double[][] rewards = new double[all.rewards().length][];
            for (int k = 0; k < rewards.length; k++) {
                rewards[k] = Arrays.copyOfRange(all.rewards()[k], from, to);
            }
            long[] text = all.text();
            return new RolloutLog.Columns(
                    rewards,
                    Arrays.copyOfRange(all.logPrior(), from, to),
                    Arrays.copyOfRange(all.logPolicy(), from, to),
                    Arrays.copyOfRange(all.source(), from, to),
                    slice(all.logSource(), from, to),
                    slice(all.tokens(), from, to),
                    slice(all.group(), from, to),
                    slice(all.tokenKl(), from, to),
                    kept(all.kept(), from, to),
                    text == null ? null : Arrays.copyOfRange(text, from, to));
        }

        private static RolloutLog.@Nullable Kept kept(RolloutLog.@Nullable Kept all, int from, int to) {
            return all == null
                    ? null
                    : new RolloutLog.Kept(
                            Arrays.copyOfRange(all.prior(), from, to), Arrays.copyOfRange(all.policy(), from, to));
        }

        private static double @Nullable [] slice(double @Nullable [] all, int from, int to) {
            return all == null ? null : Arrays.copyOfRange(all, from, to);
        }

        private static int @Nullable [] slice(int @Nullable [] all, int from, int to) {
            return all == null ? null : Arrays.copyOfRange(all, from, to);
        }
    }
}
