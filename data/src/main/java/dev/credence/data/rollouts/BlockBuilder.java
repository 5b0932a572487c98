package dev.credence.data.rollouts;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gathers the records of one chunk; its arrays are used again for the next. */
final class BlockBuilder {
    private final WorkerTables tables;
    private final TextHash hashes = new TextHash();

    private int size;
    private int[] cell = new int[1024];
    private byte[] source = new byte[1024];
    private double[] logPrior = new double[1024];
    private double[] logPolicy = new double[1024];
    private double[] logSource = new double[1024];
    private int[] tokens = new int[1024];
    private double[] klTokens = new double[1024];
    private int[] group = new int[1024];
    private double[][] rewards = {};
    private long[] text = new long[1024];
    private long[] lines = new long[1024];
    private @Nullable ThinningBlock thinning;
    private boolean anySource;
    private boolean anyOther;
    private boolean anyText;
    private boolean anyKl;
    private boolean allTokens = true;
    private boolean anyGroup;

    private final IntList cells = new IntList();
    private long[] cellLines = new long[16];

    /** By the worker's cell: its position in this block's cells, valid where {@code stamp} is the current one. */
    private int[] position = new int[16];

    private int[] stamp = new int[16];
    private int currentStamp = 1;

    BlockBuilder(WorkerTables tables) {
        this.tables = tables;
    }

    /** Adds a record with its rewards, computed ones included. */
    void add(RolloutRecord record, double[] values, int count, int workerCell, long line) {
        grow(count);
        if (record.thinned) {
            thinning = ThinningBlock.with(thinning, size, record);
        }
        lines[size] = line;
        text[size] = hashes.of(record);
        anyText |= TextHash.tells(record);
        cell[size] = cellPosition(workerCell, line);
        source[size] = (byte) (record.source | (record.cut ? RecordBlock.CUT : 0));
        logPrior[size] = record.logPrior;
        logPolicy[size] = record.logPolicy;
        logSource[size] = record.logSource;
        tokens[size] = record.tokens;
        klTokens[size] = record.klTokens;
        group[size] = record.group;
        for (int k = 0; k < count; k++) {
            rewards[k][size] = values[k];
        }
        anySource |= !Double.isNaN(record.logSource);
        anyOther |= record.source > 1;
        anyKl |= !Double.isNaN(record.klTokens);
        allTokens &= record.tokens >= 0;
        anyGroup |= record.group >= 0;
        size++;
    }

    private int cellPosition(int workerCell, long line) {
        if (workerCell >= position.length) {
            int length = Integer.highestOneBit(workerCell) * 2;
            position = Arrays.copyOf(position, length);
            stamp = Arrays.copyOf(stamp, length);
        }
        if (stamp[workerCell] != currentStamp) {
            stamp[workerCell] = currentStamp;
            position[workerCell] = cells.size();
            if (cells.size() == cellLines.length) {
                cellLines = Arrays.copyOf(cellLines, 2 * cellLines.length);
            }
            cellLines[cells.size()] = line;
            cells.add(workerCell);
        }
        return position[workerCell];
    }

    private void grow(int count) {
        if (rewards.length != count) {
            rewards = new double[count][cell.length];
        }
        if (size < cell.length) {
            return;
        }
        int length = 2 * size;
        text = Arrays.copyOf(text, length);
        lines = Arrays.copyOf(lines, length);
        cell = Arrays.copyOf(cell, length);
        source = Arrays.copyOf(source, length);
        logPrior = Arrays.copyOf(logPrior, length);
        logPolicy = Arrays.copyOf(logPolicy, length);
        logSource = Arrays.copyOf(logSource, length);
        tokens = Arrays.copyOf(tokens, length);
        klTokens = Arrays.copyOf(klTokens, length);
        group = Arrays.copyOf(group, length);
        for (int k = 0; k < rewards.length; k++) {
            rewards[k] = Arrays.copyOf(rewards[k], length);
        }
    }

    int size() {
        return size;
    }

    /** Puts in a reward that was computed later. */
    void setReward(int reward, int row, double value) {
        rewards[reward][row] = value;
    }

    /** The records so far as a block of exact size; the builder is empty again. */
    RecordBlock build(String file) {
        RecordBlock block = new RecordBlock(file, tables, size);
        block.cell = Arrays.copyOf(cell, size);
        block.cells = cells.toArray();
        block.cellLines = Arrays.copyOf(cellLines, cells.size());
        block.source = Arrays.copyOf(source, size);
        block.logPrior = Arrays.copyOf(logPrior, size);
        block.logPolicy = Arrays.copyOf(logPolicy, size);
        block.logSource = anySource ? Arrays.copyOf(logSource, size) : null;
        block.others = anyOther;
        block.text = Arrays.copyOf(text, size);
        block.hasText = anyText;
        block.thinning = thinning == null ? null : thinning.of(lines, size);
        block.tokens = allTokens ? Arrays.copyOf(tokens, size) : null;
        block.klTokens = anyKl ? Arrays.copyOf(klTokens, size) : null;
        block.group = anyGroup ? Arrays.copyOf(group, size) : null;
        block.rewards = new double[rewards.length][];
        for (int k = 0; k < rewards.length; k++) {
            block.rewards[k] = Arrays.copyOf(rewards[k], size);
        }
        size = 0;
        cells.clear();
        currentStamp++;
        thinning = null;
        anySource = false;
        anyOther = false;
        anyText = false;
        anyKl = false;
        allTokens = true;
        anyGroup = false;
        return block;
    }
}
