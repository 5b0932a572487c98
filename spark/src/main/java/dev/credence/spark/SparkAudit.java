package dev.credence.spark;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.StepOutline;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.PartedAudit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * An audit on Spark: a task reads a file into parts, a part a step; parts are shuffled by step; a task audits a step. The records of a
 * step are on one executor while it is audited, and nowhere else; those of a step that is too large for one are shared out by prompt
 * ({@link SharedStep}). The driver holds what came of files and steps.
 */
final class SparkAudit {
    /** The setting that says from how many records on a step is too large for one executor. */
    static final String MOST_RECORDS = "spark.credence.records";

    private static final int MOST_PARTITIONS = 2000;
    private static final long MOST = 20_000_000; // of 100 bytes each: parts and columns

    private final JavaSparkContext spark;
    private final LogReading reading;
    private final boolean everyPrompt;
    private final Consumer<String> warnings;

    /**
     * An audit that has not begun.
     *
     * @param spark where it runs
     * @param reading how files are read
     * @param everyPrompt whether every prompt's figures are asked for, rather than those that an audit holds
     * @param warnings takes what a reader of the figures must know, a line each
     */
    SparkAudit(JavaSparkContext spark, LogReading reading, boolean everyPrompt, Consumer<String> warnings) {
        this.spark = spark;
        this.reading = reading;
        this.everyPrompt = everyPrompt;
        this.warnings = warnings;
    }

    /**
     * What goes through the shuffle, and what comes out: of a file, or of a step.
     *
     * @serial exclude
     */
    record Piece(FileRead.@Nullable Facts file, @Nullable LogPart part) implements Serializable {
        String key() {
            return file != null ? "file " + file.number() : "step " + ofStep().hasStep() + " " + ofStep().step();
        }

        LogPart ofStep() {
            return Objects.requireNonNull(part);
        }
    }

    /**
     * What came of a file, of a step, or of one that is too large and is told about.
     *
     * @serial exclude
     */
    private record Result(
            FileRead.@Nullable Facts file,
            PartedAudit.@Nullable StepResult step,
            @Nullable StepOutline large,
            String key)
            implements Serializable {}

    AuditOutcome audit(List<String> arguments, AuditRequest request) throws java.io.IOException {
        LogFiles files = new LogFiles(spark.hadoopConfiguration());
        PartedAudit every = new PartedAudit(files.expand(arguments), request, reading);
        PartedAudit audit = everyPrompt ? every : every.ofTellingPrompts();
        Broadcast<PartedAudit> shared = spark.broadcast(audit);
        Broadcast<LogFiles> stores = spark.broadcast(files);
        List<Integer> numbers = IntStream.range(0, audit.files().size()).boxed().toList();
        int partitions = Math.max(2 * spark.defaultParallelism(), Math.min(MOST_PARTITIONS, numbers.size()));
        JavaPairRDD<String, Piece> pieces = spark.parallelize(numbers, numbers.size())
                .flatMapToPair(number -> read(shared.value(), stores.value(), number))
                .repartitionAndSortWithinPartitions(new HashPartitioner(partitions));
        List<FileRead.Facts> facts = new ArrayList<>();
        return audit.outcome(
                        facts,
                        steps(pieces, shared, null, facts::add),
                        agreed -> steps(pieces, shared, agreed, file -> {}),
                        warnings)
                .titled(LogAudit.title(arguments));
    }

    private static Iterator<Tuple2<String, Piece>> read(PartedAudit audit, LogFiles stores, int number)
            throws java.io.IOException {
        FileRead read = stores.fetch(audit.files().get(number), file -> audit.read(number, file));
        List<Tuple2<String, Piece>> pieces = new ArrayList<>();
        Piece facts = new Piece(read.facts(), null);
        pieces.add(new Tuple2<>(facts.key(), facts));
        for (LogPart part : read.parts()) {
            Piece piece = new Piece(null, part);
            pieces.add(new Tuple2<>(piece.key(), piece));
        }
        return pieces.iterator();
    }

    /** What came of every step. */
    private List<PartedAudit.StepResult> steps(
            JavaPairRDD<String, Piece> pieces,
            Broadcast<PartedAudit> audit,
            PartedAudit.@Nullable Agreed agreed,
            Consumer<FileRead.Facts> files) {
        long most = most();
        List<PartedAudit.StepResult> steps = new ArrayList<>();
        Set<String> whole = new HashSet<>();
        for (Result result :
                pieces.mapPartitions(own -> results(own, audit, agreed, most)).collect()) {
            if (result.file != null) {
                files.accept(result.file);
            } else if (result.step != null) {
                steps.add(result.step);
            } else if (Objects.requireNonNull(result.large).canBeShared() && atOnce() > 1) {
                int tasks = (int) Math.min(atOnce(), Math.max(2, (result.large.records() + most - 1) / most));
                steps.add(new SharedStep(pieces, audit).audit(result.key, result.large, tasks, agreed));
            } else {
                whole.add(result.key);
            }
        }
        if (!whole.isEmpty()) {
            pieces.filter(piece -> whole.contains(piece._1()))
                    .mapPartitions(own -> results(own, audit, agreed, Long.MAX_VALUE))
                    .collect()
                    .forEach(result -> steps.add(Objects.requireNonNull(result.step)));
        }
        return steps;
    }

    /** From how many records on a step is shared out; never where executors come as they are asked for, for it needs all at once. */
    private long most() {
        SparkConf conf = spark.getConf();
        String said = conf.get(MOST_RECORDS, Long.toString(MOST));
        long most;
        try {
            most = Long.parseLong(said);
        } catch (NumberFormatException e) {
            most = 0;
        }
        if (most < 1) {
            throw InputException.ofSetting(MOST_RECORDS, said, "records of a step on one executor, a number from 1 on");
        }
        return conf.getBoolean("spark.dynamicAllocation.enabled", false) ? Long.MAX_VALUE : most;
    }

    /** How many tasks run at the same time on the executors that have come so far. */
    private int atOnce() {
        SparkContext context = spark.sc();
        return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    }

    /** Of pieces in the order of their keys: no more than a step's are in memory, and of a large one not even these. */
    private static Iterator<Result> results(
            Iterator<Tuple2<String, Piece>> pieces,
            Broadcast<PartedAudit> audit,
            PartedAudit.@Nullable Agreed agreed,
            long most) {
        List<Result> results = new ArrayList<>();
        PeekingPieces ordered = new PeekingPieces(pieces);
        while (ordered.hasNext()) {
            String key = ordered.key();
            Piece first = ordered.peek();
            if (first.file != null) {
                results.add(new Result(first.file, null, null, key));
                ordered.next();
            } else {
                results.add(step(key, ordered, audit.value(), agreed, most));
            }
        }
        return results.iterator();
    }

    private static Result step(
            String key, PeekingPieces pieces, PartedAudit audit, PartedAudit.@Nullable Agreed agreed, long most) {
        List<LogPart> parts = new ArrayList<>();
        StepOutline outline = null;
        long records = 0;
        while (pieces.hasNext() && pieces.key().equals(key)) {
            LogPart part = pieces.next().ofStep();
            records += part.records();
            parts.add(part);
            if (records > most) {
                outline = outline == null ? audit.outline() : outline;
                parts.forEach(outline::add);
                parts.clear();
            }
        }
        return outline == null
                ? new Result(null, audit.step(parts, agreed), null, key)
                : new Result(null, null, outline, key);
    }

    /** Pieces of which the next one can be looked at. */
    private static final class PeekingPieces {
        private final Iterator<Tuple2<String, Piece>> pieces;
        private @Nullable Tuple2<String, Piece> next;

        PeekingPieces(Iterator<Tuple2<String, Piece>> pieces) {
            this.pieces = pieces;
            advance();
        }

        private void advance() {
            next = pieces.hasNext() ? pieces.next() : null;
        }

        boolean hasNext() {
            return next != null;
        }

        String key() {
            return Objects.requireNonNull(next)._1();
        }

        Piece peek() {
            return Objects.requireNonNull(next)._2();
        }

        Piece next() {
            Piece piece = peek();
            advance();
            return piece;
        }
    }
}
