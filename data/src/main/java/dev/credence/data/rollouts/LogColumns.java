package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Moves the blocks' columns to the places that {@link LogCells} gave the records: one column after the other, so that no
 * more than one exists twice.
 */
final class LogColumns {
    private final List<RecordBlock> blocks;
    private final int size;
    private final List<String> sources = new ArrayList<>(List.of("prior", "policy"));
    private final List<Double> tilts = new ArrayList<>(List.of(Double.NaN, Double.NaN));
    private final List<String> notes = new ArrayList<>();

    LogColumns(List<RecordBlock> blocks) {
        this.blocks = blocks;
        this.size = blocks.stream().mapToInt(block -> block.size).sum();
    }

    /** The names of the sources, in the order in which the input names them. */
    List<String> sources() {
        return sources;
    }

    /** By source: λ of those that draw from a tilt. */
    double[] tilts() {
        return tilts.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** What could not be kept as it was written. */
    List<String> notes() {
        return notes;
    }

    /** The whole log's columns; the blocks' are given up. */
    RolloutLog.Columns move(int rewardCount) {
        byte[] source = source();
        double[][] rewards = new double[rewardCount][];
        for (int k = 0; k < rewardCount; k++) {
            int column = k;
            rewards[k] = doubles(block -> block.rewards[column], (block, none) -> block.rewards[column] = NOTHING);
        }
        double[] logPrior = doubles(block -> block.logPrior, (block, none) -> block.logPrior = none);
        double[] logPolicy = doubles(block -> block.logPolicy, (block, none) -> block.logPolicy = none);
        boolean anySource = blocks.stream().anyMatch(block -> block.logSource != null);
        double[] logSource = anySource && known() > 0
                ? doubles(block -> block.logSource, (block, none) -> block.logSource = none)
                : null;
        if (logSource != null && known() > 1) {
            forgetOfTheTwo(logSource, source);
        }
        boolean allTokens = blocks.stream().allMatch(block -> block.tokens != null);
        int[] tokens = allTokens ? ints(block -> Objects.requireNonNull(block.tokens)) : null;
        boolean anyKl = blocks.stream().anyMatch(block -> block.klTokens != null);
        double[] kl = anyKl ? doubles(block -> block.klTokens, (block, none) -> block.klTokens = none) : null;
        boolean anyGroup = blocks.stream().anyMatch(block -> block.group != null);
        int[] group = anyGroup ? groups() : null;
        boolean anyText = blocks.stream().anyMatch(block -> block.hasText);
        long[] text = anyText ? texts() : null;
        return new RolloutLog.Columns(rewards, logPrior, logPolicy, source, logSource, tokens, group, kl, null, text);
    }

    /** How many sources there are beyond the two whose log-probabilities are known. */
    private long known() {
        return tilts.stream().skip(2).filter(lambda -> lambda.isNaN()).count();
    }

    /** Of several other sources it is not said under which one a draw of prior or policy was scored. */
    private void forgetOfTheTwo(double[] logSource, byte[] source) {
        long forgotten = 0;
        for (int i = 0; i < source.length; i++) {
            if (source[i] <= RolloutLog.POLICY && !Double.isNaN(logSource[i])) {
                logSource[i] = Double.NaN;
                forgotten++;
            }
        }
        if (forgotten > 0) {
            notes.add(String.format(
                    "%,d records of prior and policy have a logp_source, but there are %d other sources: it is not known"
                            + " whose it is, and left out",
                    forgotten, known()));
        }
    }

    private long[] texts() {
        long[] all = new long[size];
        forEachBlock(block -> {
            for (int j = 0; j < block.size; j++) {
                all[block.cell[j]] = block.text[j];
            }
            block.text = new long[0];
        });
        return all;
    }

    private static final double[] NOTHING = {};

    private void forEachBlock(Consumer<RecordBlock> task) {
        IntStream.range(0, blocks.size()).parallel().forEach(i -> task.accept(blocks.get(i)));
    }

    private double[] doubles(
            Function<RecordBlock, double @Nullable []> column, BiConsumer<RecordBlock, double @Nullable []> forget) {
        double[] all = new double[size];
        forEachBlock(block -> {
            double[] part = column.apply(block);
            for (int j = 0; j < block.size; j++) {
                all[block.cell[j]] = part == null ? Double.NaN : part[j];
            }
            forget.accept(block, null);
        });
        return all;
    }

    private int[] ints(Function<RecordBlock, int[]> column) {
        int[] all = new int[size];
        forEachBlock(block -> {
            int[] part = column.apply(block);
            for (int j = 0; j < block.size; j++) {
                all[block.cell[j]] = part[j];
            }
            block.tokens = null;
        });
        return all;
    }

    /** Sources beyond prior and policy are numbered block by block, in order, before the blocks are moved in parallel. */
    private byte[] source() {
        IdentityHashMap<WorkerTables, byte[]> numbers = new IdentityHashMap<>();
        for (RecordBlock block : blocks) {
            if (block.others) {
                byte[] of = numbers.computeIfAbsent(block.tables, tables -> new byte[RecordBlock.CUT]);
                for (int j = 0; j < block.size; j++) {
                    int local = block.source(j);
                    if (local > RolloutLog.POLICY && of[local] == 0) {
                        of[local] = number(block.tables.sources.text(local), block.tables.tilt(local));
                    }
                }
            }
        }
        byte[] all = new byte[size];
        forEachBlock(block -> {
            byte[] of = numbers.get(block.tables);
            for (int j = 0; j < block.size; j++) {
                int local = block.source(j);
                all[block.cell[j]] = local <= RolloutLog.POLICY || of == null ? (byte) local : of[local];
            }
            block.source = new byte[0];
        });
        return all;
    }

    private byte number(String name, double tilt) {
        if (!sources.contains(name)) {
            sources.add(name);
            tilts.add(tilt);
        }
        return (byte) sources.indexOf(name);
    }

    /** Groups by the name's number over all workers; made dense by {@link #renumber}. */
    private int[] groups() {
        Map<String, Integer> names = new HashMap<>();
        IdentityHashMap<WorkerTables, int[]> numbers = new IdentityHashMap<>();
        for (RecordBlock block : blocks) {
            numbers.computeIfAbsent(block.tables, tables -> {
                int[] of = new int[tables.groups.size()];
                for (int local = 0; local < of.length; local++) {
                    of[local] = names.computeIfAbsent(tables.groups.text(local), name -> names.size());
                }
                return of;
            });
        }
        int[] all = new int[size];
        forEachBlock(block -> {
            int[] of = Objects.requireNonNull(numbers.get(block.tables));
            int[] part = block.group;
            for (int j = 0; j < block.size; j++) {
                all[block.cell[j]] = part == null || part[j] < 0 ? -1 : of[part[j]];
            }
            block.group = null;
        });
        return all;
    }

    /**
     * Numbers the groups of one step from 0 in the order of its records. A group is within one prompt: the same name under
     * another prompt is another unit, as estimates are made prompt by prompt.
     *
     * @param group the step's column, changed in place
     * @param cells the step's prompts
     * @param base position of the step's first record in the whole log
     */
    static void renumber(int[] group, List<LogCells.Cell> cells, int base) {
        int names = Arrays.stream(group).max().orElse(-1) + 1;
        int[] cellOf = new int[names]; // last cell that had the name, from 1
        int[] unit = new int[names];
        int units = 0;
        for (int c = 0; c < cells.size(); c++) {
            LogCells.Cell cell = cells.get(c);
            for (int i = cell.from - base; i < cell.from - base + cell.count; i++) {
                int name = group[i];
                if (name >= 0) {
                    if (cellOf[name] != c + 1) {
                        cellOf[name] = c + 1;
                        unit[name] = units++;
                    }
                    group[i] = unit[name];
                }
            }
        }
    }
}
