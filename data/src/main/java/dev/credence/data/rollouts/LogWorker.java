package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads chunks, one after the other, in one thread. */
final class LogWorker {
    /** What one chunk gave. */
    record ChunkResult(RecordBlock block, long skipped, List<String> skippedFirst, long unweighted) {}

    private final ReadOptions options;
    private final RewardSchema schema;
    private final WorkerTables tables = new WorkerTables();
    private final BlockBuilder builder = new BlockBuilder(tables);
    private final RolloutRecord record;
    private final JsonRecordParser parser;
    private final TemplateCache templates;
    private final List<RewardExpression> expressions;
    private final RecordText text;
    private double[] values = new double[4];
    private @Nullable List<String> rewardNames;

    private String file = "";
    private long fileKey;
    private long chunkNumber;
    private long skipped;
    private long unweighted;
    private List<String> skippedFirst = new ArrayList<>();

    LogWorker(ReadOptions options, RewardSchema schema, PathIndex paths) {
        this.options = options;
        this.schema = schema;
        this.expressions = List.copyOf(options.rewards().values());
        this.record = new RolloutRecord(paths.extras().size());
        String source = paths.fields().defaultSource();
        if (source != null) {
            record.defaultSource = tables.sources.number(source);
        }
        this.text = new RecordText(record, paths.extras());
        RewardMode mode = expressions.isEmpty() ? RewardMode.REQUIRED : RewardMode.OPTIONAL;
        this.parser =
                new JsonRecordParser(paths, new RecordFields(paths.fields(), mode, tables.sources, tables.groups));
        this.templates = new TemplateCache(paths, new SlotReader(tables.sources, tables.groups));
    }

    /** Begins a chunk of a file. */
    void begin(String name, int number, long chunk) {
        file = name;
        fileKey = TextReservoir.fileKey(options.seed(), number);
        chunkNumber = chunk;
        skipped = 0;
        unweighted = 0;
        skippedFirst = new ArrayList<>();
    }

    /** Reads all lines of a chunk. */
    void readLines(LineChunks.Chunk chunk) {
        byte[] b = chunk.bytes;
        boolean valid = chunk.ascii || JsonBytes.invalidUtf8(b, chunk.from, chunk.to) < 0;
        long line = chunk.firstLine;
        int from = chunk.from;
        while (from < chunk.to) {
            int to = valid ? templates.match(b, from, chunk.to, record) : -1;
            try {
                if (to < 0) {
                    to = JsonBytes.newline(b, from, chunk.to);
                    slowLine(b, from, to, line);
                } else {
                    file(line);
                }
            } catch (BadRecord e) {
                bad(e, line);
            }
            from = to + 1;
            line++;
        }
    }

    private void slowLine(byte[] b, int from, int to, long line) throws BadRecord {
        if (JsonRecordParser.isBlank(b, from, to)) {
            return;
        }
        parser.parse(b, from, to, record);
        List<String> names = settleRewards();
        file(line);
        templates.learn(names, b, from, to);
    }

    /** Brings the rewards of a record of unknown shape into the order of all. */
    private List<String> settleRewards() throws BadRecord {
        List<String> names = rewardNames;
        if (names == null) {
            names = schema.settle(chunkNumber, record.rewardNames);
            rewardNames = names;
        }
        RewardSchema.check(names, record.rewardNames);
        if (!names.equals(record.rewardNames)) {
            double[] ordered = new double[Math.max(names.size(), record.rewards.length)];
            for (int k = 0; k < names.size(); k++) {
                ordered[k] = record.rewards[record.rewardNames.indexOf(names.get(k))];
            }
            record.rewards = ordered;
            record.rewardNames = names;
        }
        return names;
    }

    /** Reads at most so many rows of a Parquet file; gives how many there were. */
    int readRows(ParquetLog rows, long firstRow, int most) throws SQLException {
        int read = 0;
        while (read < most && rows.next()) {
            long row = firstRow + read++;
            try {
                rows.read(record);
                settleRewards();
                file(row);
            } catch (BadRecord e) {
                bad(e, row);
            }
        }
        return read;
    }

    private void file(long line) throws BadRecord {
        int own = record.rewardNames.size();
        int count = own + expressions.size();
        if (values.length < count) {
            values = new double[count];
        }
        System.arraycopy(record.rewards, 0, values, 0, own);
        for (int k = own; k < count; k++) {
            RewardExpression expression = expressions.get(k - own);
            String name = expression.toString();
            double value = text.evaluate(expression);
            values[k] = RecordRules.finite(name, value, Double.toString(value));
        }
        if (record.source > 1 && Double.isNaN(record.logSource)) {
            unweighted++;
            return;
        }
        if (record.source >= RecordBlock.CUT) {
            throw new BadRecord("source", tables.sources.text(record.source), "at most 128 sources are told apart");
        }
        int cell = tables.cell(record);
        keepText(cell, line);
        builder.add(record, values, count, cell, line);
    }

    private void keepText(int cell, long line) {
        if (record.source <= 1) {
            TextReservoir texts = (record.source == 0 ? tables.priorTexts : tables.policyTexts).get(cell);
            long key = TextReservoir.key(fileKey, line);
            if (texts.wants(key)) {
                texts.add(key, record.completionText());
            }
        }
    }

    private void bad(BadRecord e, long line) {
        InputException error = new InputException(file, line, e.field(), e.value(), e.rule());
        if (options.badRecords() == ReadOptions.BadRecords.FAIL) {
            throw error;
        }
        skipped++;
        if (skippedFirst.size() < LogRead.Skipped.LISTED) {
            skippedFirst.add(error.getMessage());
        }
    }

    /** The records since {@link #begin}. */
    ChunkResult finish() {
        return new ChunkResult(builder.build(file), skipped, skippedFirst, unweighted);
    }

    WorkerTables tables() {
        return tables;
    }
}
