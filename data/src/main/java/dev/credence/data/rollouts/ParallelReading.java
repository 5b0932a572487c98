package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.DuckDb;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The reading of several files into one log: workers take chunks in order, and what they found is put in order again. */
final class ParallelReading {
    /** Rows of a block of Parquet. */
    private static final int ROWS = 8192;

    private final ReadOptions options;
    private final PathIndex paths;
    private final RewardSchema schema = new RewardSchema();
    private final List<LogWorker> workers = new ArrayList<>();
    private final ConcurrentSkipListMap<Long, LogWorker.ChunkResult> results = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, RuntimeException> failures = new ConcurrentSkipListMap<>();
    private long chunks;
    private int files;

    ParallelReading(ReadOptions options, PathIndex paths) {
        this.options = options;
        this.paths = paths;
        for (int i = 0; i < options.threads(); i++) {
            workers.add(new LogWorker(options, schema, paths));
        }
    }

    /** Reads JSON Lines. */
    void readLines(String file, InputStream in) throws IOException {
        LineChunks source = new LineChunks(file, in);
        long base = chunks;
        int number = files++;
        ExecutorService pool = Executors.newFixedThreadPool(workers.size());
        try {
            List<Future<Long>> done = new ArrayList<>();
            for (LogWorker worker : workers) {
                done.add(pool.submit(() -> work(worker, source, file, number, base)));
            }
            for (Future<Long> future : done) {
                chunks = Math.max(chunks, future.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading " + file, e);
        } catch (ExecutionException e) {
            throw rethrown(e);
        } finally {
            pool.shutdownNow();
        }
        throwFirstFailure();
    }

    private static IOException rethrown(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException io ? io : new IOException(cause);
    }

    /** Reads chunks until there are no more; gives the number behind the last chunk that it read. */
    private long work(LogWorker worker, LineChunks source, String file, int number, long base) {
        LineChunks.Chunk chunk = new LineChunks.Chunk();
        long behind = base;
        while (next(source, chunk)) {
            long index = base + chunk.index;
            behind = index + 1;
            try {
                worker.begin(file, number, index);
                worker.readLines(chunk);
                results.put(index, worker.finish());
            } catch (RuntimeException e) {
                failures.put(index, e);
                source.stop();
            } finally {
                schema.finish(index);
            }
        }
        return behind;
    }

    /** A failure of the input itself lies behind all chunks that were handed out before. */
    private boolean next(LineChunks source, LineChunks.Chunk chunk) {
        try {
            return source.next(chunk);
        } catch (IOException e) {
            failures.put(Long.MAX_VALUE, new UncheckedIOException(e));
        } catch (RuntimeException e) {
            failures.put(Long.MAX_VALUE, e);
        }
        source.stop();
        return false;
    }

    private void throwFirstFailure() {
        if (!failures.isEmpty()) {
            throw failures.firstEntry().getValue();
        }
    }

    /** Reads Parquet. */
    void readParquet(String name, Path file) throws IOException {
        LogWorker worker = workers.get(0);
        RewardMode mode = options.rewards().isEmpty() ? RewardMode.REQUIRED : RewardMode.OPTIONAL;
        int number = files++;
        long row = 1;
        try (ParquetLog rows = new ParquetLog(name, file, paths, mode, worker.tables())) {
            int read = ROWS;
            while (read == ROWS) {
                long chunk = chunks++;
                worker.begin(name, number, chunk);
                read = worker.readRows(rows, row, ROWS);
                row += read;
                results.put(chunk, worker.finish());
                schema.finish(chunk);
            }
        } catch (SQLException e) {
            throw new InputException(
                    name, 0, "", "unreadable Parquet (" + DuckDb.cause(e) + ")", "the file must be whole");
        }
    }

    /** All that was read, put together. */
    LogRead finish(List<Provenance.Input> inputs) {
        List<RecordBlock> blocks = new ArrayList<>();
        Map<String, Long> records = new HashMap<>();
        List<String> first = new ArrayList<>();
        long skipped = 0;
        long unweighted = 0;
        LogOddities oddities = new LogOddities();
        for (LogWorker.ChunkResult result : results.values()) {
            if (result.block().size > 0) {
                blocks.add(result.block());
                records.merge(result.block().file, (long) result.block().size, Long::sum);
            }
            skipped += result.bad().count();
            unweighted += result.unweighted();
            oddities.add(result.oddities());
            result.bad().first().stream()
                    .limit(LogRead.Skipped.LISTED - first.size())
                    .forEach(first::add);
        }
        results.clear();
        if (blocks.isEmpty()) {
            LogRead.Skipped bad = new LogRead.Skipped(skipped, List.copyOf(first));
            throw LogRead.nothing(inputs.get(0).name(), bad, unweighted, oddities.leftOut());
        }
        RewardNames names = oddities.complete(
                new RewardNames(schema.names(), List.copyOf(options.rewards().keySet())), blocks);
        LogAssembler assembler = new LogAssembler(blocks, names, skipped == 0);
        List<LogRead.StepLog> steps = assembler.assemble();
        List<Provenance.Input> counted = inputs.stream()
                .map(input -> input.withRecords(records.getOrDefault(input.name(), 0L)))
                .toList();
        return new LogRead(
                steps,
                counted,
                new LogRead.Skipped(skipped, List.copyOf(first)),
                unweighted,
                assembler.cells().files(),
                oddities.of(assembler.notes()));
    }
}
