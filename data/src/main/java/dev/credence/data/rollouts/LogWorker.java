package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import java.io.IOException;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads chunks, one after the other, in one thread. */
final class LogWorker {
    /** What one chunk gave. */
    record ChunkResult(RecordBlock block, BadRecords bad, long unweighted, Oddities oddities) {}

    /**
     * The records of a chunk that broke a rule.
     *
     * @param count how many
     * @param first what is said of the first ones
     * @serial exclude
     */
    record BadRecords(long count, List<String> first) implements Serializable {}

    /**
     * What was read otherwise than written.
     *
     * @param sentinels placeholders of −∞
     * @param firstSentinel the first, in words, or empty
     * @param leftOut the source of the first record that was left out for want of {@code logp_source}, or empty
     * @param missing by reward that a record lacks: where it does so first
     * @serial exclude
     */
    record Oddities(long sentinels, String firstSentinel, String leftOut, Map<String, String> missing)
            implements Serializable {}

    /** A record of the chunk whose reward is computed with the others'. */
    private record Waiting(int expression, int row, long line, ScoredText text) {}

    private final ReadOptions options;
    private final RewardSchema schema;
    private final WorkerTables tables;
    private final BlockBuilder builder;
    private final RolloutRecord record;
    private final JsonRecordParser parser;
    private final TemplateCache templates;
    private final List<RewardExpression> expressions;
    private final RecordText text;
    private final boolean[] together; // (expressions) computed of a chunk's texts at once
    private final List<Waiting> waiting = new ArrayList<>();
    private double[] values = new double[4];
    private @Nullable List<String> rewardNames;

    private String file = "";
    private long fileKey;
    private long chunkNumber;
    private long skipped;
    private long unweighted;
    private List<String> skippedFirst = new ArrayList<>();
    private long sentinels;
    private String firstSentinel = "";
    private String leftOut = "";
    private Map<String, String> missing = new LinkedHashMap<>();
    private List<String> orderedNames = List.of();
    private int[] order = {};

    LogWorker(ReadOptions options, RewardSchema schema, PathIndex paths) {
        this.options = options;
        this.schema = schema;
        this.tables = new WorkerTables(paths.fields().values());
        this.builder = new BlockBuilder(tables);
        this.expressions = List.copyOf(options.rewards().values());
        this.together = new boolean[expressions.size()];
        for (int k = 0; k < together.length; k++) { // a record that is skipped must be known before it is filed
            together[k] = options.badRecords() == ReadOptions.BadRecords.FAIL
                    && expressions.get(k).isTogether();
        }
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
        waiting.clear();
        file = name;
        fileKey = TextReservoir.fileKey(options.seed(), number);
        chunkNumber = chunk;
        skipped = 0;
        unweighted = 0;
        skippedFirst = new ArrayList<>();
        sentinels = 0;
        firstSentinel = "";
        leftOut = "";
        missing = new LinkedHashMap<>();
    }

    /** Reads all lines of a chunk. */
    void readLines(LineChunks.Chunk chunk) {
        byte[] b = chunk.bytes;
        boolean valid = chunk.ascii || JsonBytes.invalidUtf8(b, chunk.from, chunk.to) < 0;
        long line = chunk.firstLine;
        int from = chunk.from;
        while (from < chunk.to) {
            from = JsonBytes.behindMarks(b, from, chunk.to);
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
        List<String> names = record.rewardNames;
        file(line);
        templates.learn(names, b, from, to);
    }

    /** The rewards that all records have; the first record of the input names them. */
    private List<String> settledNames() throws BadRecord {
        List<String> names = rewardNames;
        if (names == null) {
            names = schema.settle(chunkNumber, record.rewardNames);
            rewardNames = names;
        }
        return names;
    }

    /** Puts the record's rewards in the log's order; what it lacks is NaN, and what the first record lacks is left out. */
    private void orderRewards(List<String> names, long line) throws BadRecord {
        List<String> found = record.rewardNames;
        if (found != orderedNames) {
            RewardSchema.check(names, found);
            order = names.stream().mapToInt(found::indexOf).toArray();
            orderedNames = found;
        }
        for (int k = 0; k < order.length; k++) {
            values[k] = order[k] < 0 ? Double.NaN : record.rewards[order[k]];
            if (Double.isNaN(values[k])) {
                missing.putIfAbsent(names.get(k), file + ":" + line);
            }
        }
    }

    /** Reads at most so many rows of a Parquet file; gives how many there were. */
    int readRows(ParquetLog rows, long firstRow, int most) throws SQLException, IOException {
        int read = 0;
        while (read < most && rows.next()) {
            long row = firstRow + read++;
            try {
                rows.read(record);
                file(row);
            } catch (BadRecord e) {
                bad(e, row);
            }
        }
        return read;
    }

    private void file(long line) throws BadRecord {
        List<String> names = settledNames();
        int own = names.size();
        int count = own + expressions.size();
        if (values.length < count) {
            values = new double[count];
        }
        orderRewards(names, line);
        for (int k = own; k < count; k++) {
            RewardExpression expression = expressions.get(k - own);
            if (together[k - own]) {
                values[k] = Double.NaN;
                continue;
            }
            String name = expression.toString();
            double value = text.evaluate(expression);
            values[k] = RecordRules.finite(name, value, Double.toString(value));
        }
        if (record.source > RolloutLog.POLICY) {
            checkThinning();
            record.source = tables.settle(record);
            if (Double.isNaN(record.logSource) && Double.isNaN(tables.tilt(record.source))) {
                if (unweighted++ == 0) {
                    leftOut = tables.sources.text(record.source);
                }
                return;
            }
        }
        if (record.source >= RecordBlock.CUT) {
            throw new BadRecord("source", tables.sources.text(record.source), "at most 128 sources are told apart");
        }
        int cell = tables.cell(record);
        keepText(cell, line);
        for (int k = 0; k < together.length; k++) {
            if (together[k]) {
                waiting.add(new Waiting(k, builder.size(), line, text.kept(expressions.get(k))));
            }
        }
        builder.add(record, values, count, cell, line);
        if (record.sentinel != null && sentinels++ == 0) {
            firstSentinel = file + ":" + line + ": field 'logp_policy' is or holds " + record.sentinel;
        }
    }

    /** Only prior and policy have a proposal that thinning enters. */
    private void checkThinning() throws BadRecord {
        if (record.thinned && record.kept < 1) {
            throw new BadRecord(
                    Field.KEPT.key(),
                    Double.toString(record.kept),
                    "draws of prior and policy alone may be thinned; those of " + tables.sources.text(record.source)
                            + " are all kept");
        }
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

    /** Computes the rewards that are computed together. */
    private void settleWaiting() {
        int own = waiting.isEmpty() ? 0 : rewardCount();
        for (int k = 0; k < together.length; k++) {
            int expression = k;
            List<Waiting> mine =
                    waiting.stream().filter(one -> one.expression == expression).toList();
            double[] scores = mine.isEmpty() ? new double[0] : scores(expressions.get(k), mine);
            for (int i = 0; i < scores.length; i++) {
                builder.setReward(own + k, mine.get(i).row, scores[i]);
            }
        }
        waiting.clear();
    }

    private int rewardCount() {
        List<String> names = rewardNames;
        return names == null ? 0 : names.size();
    }

    private double[] scores(RewardExpression expression, List<Waiting> texts) {
        double[] scores;
        try {
            scores = expression.evaluateAll(texts.stream().map(Waiting::text).toList());
        } catch (RuntimeException | StackOverflowError e) { // one by one, to know which record it is
            scores = new double[texts.size()];
            Arrays.fill(scores, Double.NaN);
        }
        for (int i = 0; i < scores.length; i++) {
            Waiting one = texts.get(i);
            try {
                double value = Double.isFinite(scores[i]) ? scores[i] : RecordText.evaluate(expression, one.text);
                scores[i] = RecordRules.finite(expression.toString(), value, Double.toString(value));
            } catch (BadRecord e) {
                bad(e, one.line);
            }
        }
        return scores;
    }

    /** The records since {@link #begin}. */
    ChunkResult finish() {
        settleWaiting();
        Oddities oddities = new Oddities(sentinels, firstSentinel, leftOut, missing);
        return new ChunkResult(builder.build(file), new BadRecords(skipped, skippedFirst), unweighted, oddities);
    }

    WorkerTables tables() {
        return tables;
    }
}
