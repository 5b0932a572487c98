package dev.credence.spark;

import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.lab.audits.FollowedFolder;
import dev.credence.lab.audits.PartedAudit;
import dev.credence.lab.engines.Engine;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * A folder that Structured Streaming watches: a micro-batch is the files that came since the last one. They are read by a task each,
 * steps are audited by a task each, on their records of all batches; the driver holds what came of files and steps. What is kept
 * of the files that were read is {@link dev.credence.lab.audits.FollowedAudit}'s alone: Spark's own checkpoint begins anew each time, so that all files
 * come once again and those that are known as they are are passed over.
 *
 * <p>Spark takes a file once, by its name: files must be put there whole, by renaming, and not be written to afterwards.
 */
final class SparkFolder implements FollowedFolder {
    private static final StructType FILES = new StructType()
            .add("path", DataTypes.StringType, false)
            .add("modificationTime", DataTypes.TimestampType, false)
            .add("length", DataTypes.LongType, false)
            .add("content", DataTypes.BinaryType, true); // asked for by the format, and read by nobody

    private final JavaSparkContext spark;
    private final LogFiles files;
    private final Engine.Followed followed;
    private final SynchronousQueue<List<Arrived>> batches = new SynchronousQueue<>();
    private final SynchronousQueue<Boolean> done = new SynchronousQueue<>();
    private boolean owes; // a batch is being worked on, and its thread waits
    private @Nullable StreamingQuery query;
    private @Nullable Path checkpoint;
    private long changed = System.nanoTime();
    private @Nullable JavaRDD<FileRead> latest;
    private Set<String> inLatest = Set.of();
    private Map<Long, PartedAudit.StepResult> results = Map.of();
    private Set<String> away = Set.of();

    SparkFolder(JavaSparkContext spark, Engine.Followed followed) {
        this.spark = spark;
        this.files = new LogFiles(spark.hadoopConfiguration());
        this.followed = followed;
    }

    private FileSystem store(String name) throws IOException {
        return new org.apache.hadoop.fs.Path(name).getFileSystem(spark.hadoopConfiguration());
    }

    /** Starts once the folder is there. */
    private boolean isStarted() throws IOException {
        if (query != null) {
            return true;
        }
        if (!isThere(followed.folder())) {
            return false;
        }
        Dataset<Row> found = org.apache.spark.sql.SparkSession.builder()
                .sparkContext(spark.sc())
                .getOrCreate()
                .readStream()
                .format("binaryFile")
                .schema(FILES)
                .option("recursiveFileLookup", "true")
                .load(followed.folder())
                .select("path", "modificationTime", "length");
        Path own = Files.createTempDirectory("credence-stream");
        checkpoint = own;
        try {
            query = found.writeStream()
                    .option("checkpointLocation", own.toUri().toString())
                    .trigger(Trigger.ProcessingTime(followed.pace().look().toMillis(), TimeUnit.MILLISECONDS))
                    .foreachBatch((Dataset<Row> batch, Long number) -> handOver(batch))
                    .start();
        } catch (TimeoutException e) {
            throw new IOException("Spark's streaming query does not start", e);
        }
        return true;
    }

    /** On the query's own thread, which goes on when the batch is done with. */
    private void handOver(Dataset<Row> batch) throws InterruptedException {
        List<Arrived> arrived = new ArrayList<>();
        for (Row row : batch.collectAsList()) {
            String name = name(row.getString(0));
            if (InputFiles.isLog(name)) {
                Timestamp modified = row.getTimestamp(1);
                arrived.add(new Arrived(name, row.getLong(2), modified.getTime()));
            }
        }
        if (!arrived.isEmpty()) {
            batches.put(arrived);
            done.take();
        }
    }

    /** A file of this machine is named as the folder was, others in full. */
    private String name(String path) {
        if (!path.startsWith("file:") || followed.folder().contains(":/")) {
            return path;
        }
        Path watched = Path.of(followed.folder());
        Path inside = watched.toAbsolutePath().normalize().relativize(Path.of(URI.create(path)));
        return watched.resolve(inside).toString();
    }

    @Override
    public List<Arrived> arrived(Predicate<Arrived> isKnown) throws IOException {
        release();
        StreamingQuery own = query;
        if (!isStarted()) {
            return List.of();
        }
        try {
            List<Arrived> batch = batches.poll(followed.pace().look().toMillis(), TimeUnit.MILLISECONDS);
            if (batch == null) {
                if (own != null) {
                    fail(own);
                }
                if (own == null || isBusy(own)) {
                    changed = System.nanoTime();
                }
                return List.of();
            }
            owes = true;
            changed = System.nanoTime();
            return batch.stream().filter(isKnown.negate()).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** Whether it has not looked at the folder yet, or is at a batch: a start of some seconds is no time in which nothing came. */
    private static boolean isBusy(StreamingQuery query) {
        boolean hasLooked =
                query.lastProgress() != null || query.status().message().startsWith("Waiting");
        return !hasLooked || query.status().isTriggerActive();
    }

    private static void fail(StreamingQuery query) throws IOException {
        if (query.exception().isDefined()) {
            StreamingQueryException why = query.exception().get();
            throw new IOException("Spark's streaming query failed: " + why.message(), why);
        }
    }

    /** Lets the query's thread go on. */
    private void release() {
        if (owes) {
            owes = false;
            try {
                done.put(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public long changed() {
        return changed;
    }

    @Override
    public Iterator<Held> read(PartedAudit audit, List<String> names) {
        forget();
        Broadcast<PartedAudit> shared = spark.broadcast(audit);
        Broadcast<LogFiles> stores = spark.broadcast(files);
        JavaRDD<FileRead> read = spark.parallelize(names, names.size())
                .flatMap(name -> found(shared.value(), stores.value(), name))
                .persist(StorageLevel.DISK_ONLY());
        latest = read;
        inLatest = new HashSet<>(names);
        return read.map(Held::of).collect().iterator();
    }

    /** One or none. */
    private static Iterator<FileRead> found(PartedAudit audit, LogFiles stores, String name) throws IOException {
        try {
            int number = audit.files().indexOf(name);
            FileRead read = stores.fetch(name, file -> audit.read(number, file));
            return List.of(read).iterator();
        } catch (NoSuchFileException | FileNotFoundException e) {
            return List.<FileRead>of().iterator();
        }
    }

    @Override
    public void prepare(PartedAudit audit, SortedMap<Long, List<String>> steps) {
        Set<Long> wanted = new HashSet<>(steps.keySet());
        Set<String> older = new HashSet<>();
        steps.values().forEach(older::addAll);
        Set<String> needed = new HashSet<>(older);
        older.removeAll(inLatest);
        Broadcast<PartedAudit> shared = spark.broadcast(audit);
        Broadcast<LogFiles> stores = spark.broadcast(files);
        JavaRDD<FileRead> reads = latest == null ? spark.<FileRead>emptyRDD() : latest;
        if (!older.isEmpty()) {
            reads = reads.union(spark.parallelize(List.copyOf(older), older.size())
                    .flatMap(name -> found(shared.value(), stores.value(), name)));
        }
        int partitions = Math.max(1, Math.min(2 * spark.defaultParallelism(), wanted.size()));
        away = new HashSet<>(needed);
        results = new HashMap<>();
        reads.filter(read -> read.facts().broken() == null)
                .map(read -> read.facts().name())
                .collect()
                .forEach(away::remove);
        reads.flatMap(read -> read.parts().stream()
                        .filter(part -> wanted.contains(part.step()))
                        .iterator())
                .mapToPair(part -> new Tuple2<>(part.step(), part))
                .groupByKey(new HashPartitioner(partitions))
                .map(step -> shared.value().stepOfItsOwn(parts(step._2())))
                .collect()
                .forEach(result -> results.put(step(result), result));
    }

    private static List<LogPart> parts(Iterable<LogPart> of) {
        List<LogPart> parts = new ArrayList<>();
        of.forEach(parts::add);
        return parts;
    }

    private static long step(PartedAudit.StepResult result) {
        Long step = result.step();
        if (step == null) {
            throw new IllegalStateException("a followed file's records name their step");
        }
        return step;
    }

    @Override
    public PartedAudit.@Nullable StepResult audit(PartedAudit audit, long step, List<String> names) throws IOException {
        for (String name : names) {
            if (away.contains(name)) {
                throw new NoSuchFileException(name);
            }
        }
        return results.get(step);
    }

    @Override
    public boolean isThere(String file) throws IOException {
        return store(file).exists(new org.apache.hadoop.fs.Path(file));
    }

    private void forget() {
        if (latest != null) {
            latest.unpersist();
            latest = null;
        }
    }

    @Override
    public void close() throws IOException {
        forget();
        StreamingQuery own = query;
        if (own != null) {
            try {
                own.stop();
            } catch (TimeoutException e) {
                throw new IOException("Spark's streaming query does not end", e);
            }
        }
        if (checkpoint != null) {
            try (Stream<Path> inside = Files.walk(checkpoint)) {
                for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }
}
