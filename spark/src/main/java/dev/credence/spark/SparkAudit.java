package dev.credence.spark;

import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.PartedAudit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * An audit on Spark: a task reads a file into parts, a part a step; parts are shuffled by step; a task audits a step. A step's
 * records are on one executor while it is audited, and nowhere else; the driver holds what came of files and steps.
 */
final class SparkAudit {
    private static final int MOST_PARTITIONS = 2000;

    private final JavaSparkContext spark;
    private final LogReading reading;
    private final Consumer<String> warnings;

    SparkAudit(JavaSparkContext spark, LogReading reading, Consumer<String> warnings) {
        this.spark = spark;
        this.reading = reading;
        this.warnings = warnings;
    }

    /** What goes through the shuffle, and what comes out: of a file, or of a step. */
    private record Piece(
            FileRead.@Nullable Facts file, @Nullable LogPart part) implements Serializable {
        String key() {
            return file != null
                    ? "file " + file.number()
                    : "step " + Objects.requireNonNull(part).hasStep() + " " + part.step();
        }
    }

    private record Result(FileRead.@Nullable Facts file, PartedAudit.@Nullable StepResult step)
            implements Serializable {}

    AuditOutcome audit(List<String> arguments, AuditRequest request) throws java.io.IOException {
        LogFiles files = new LogFiles(spark.hadoopConfiguration());
        PartedAudit audit = new PartedAudit(files.expand(arguments), request, reading);
        Broadcast<PartedAudit> shared = spark.broadcast(audit);
        Broadcast<LogFiles> stores = spark.broadcast(files);
        List<Integer> numbers = IntStream.range(0, audit.files().size()).boxed().toList();
        int partitions = Math.max(2 * spark.defaultParallelism(), Math.min(MOST_PARTITIONS, numbers.size()));
        JavaPairRDD<String, Iterable<Piece>> pieces = spark.parallelize(numbers, numbers.size())
                .flatMapToPair(number -> read(shared.value(), stores.value(), number))
                .groupByKey(partitions);
        List<FileRead.Facts> facts = new ArrayList<>();
        List<PartedAudit.StepResult> steps = new ArrayList<>();
        for (Result result : results(pieces, shared, null)) {
            if (result.file != null) {
                facts.add(result.file);
            } else {
                steps.add(Objects.requireNonNull(result.step));
            }
        }
        return audit.outcome(
                        facts,
                        steps,
                        agreed -> results(pieces, shared, agreed).stream()
                                .filter(result -> result.step != null)
                                .map(result -> Objects.requireNonNull(result.step))
                                .toList(),
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

    private static List<Result> results(
            JavaPairRDD<String, Iterable<Piece>> pieces,
            Broadcast<PartedAudit> audit,
            PartedAudit.@Nullable Agreed agreed) {
        return pieces.values()
                .map(ofKey -> {
                    List<LogPart> parts = new ArrayList<>();
                    for (Piece piece : ofKey) {
                        if (piece.file != null) {
                            return new Result(piece.file, null);
                        }
                        parts.add(Objects.requireNonNull(piece.part));
                    }
                    return new Result(null, audit.value().step(parts, agreed));
                })
                .collect();
    }
}
