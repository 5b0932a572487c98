package dev.credence.spark;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.audits.AuditSource;
import dev.credence.lab.audits.FollowedFolder;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.engines.Engine;
import dev.credence.lab.experiments.CellRunner;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Spark, started. */
final class SparkSession implements Engine.Session {
    private final JavaSparkContext spark;

    SparkSession(JavaSparkContext spark) {
        this.spark = spark;
    }

    @Override
    public AuditSource audit(List<String> files, LogReading reading, boolean everyPrompt, Consumer<String> warnings) {
        return request -> new SparkAudit(spark, reading, everyPrompt, warnings).audit(files, request);
    }

    @Override
    public FollowedFolder follow(Engine.Followed followed) {
        return new SparkFolder(spark, followed);
    }

    @Override
    public CellRunner cells() {
        return (experiment, settings, made, listener) -> {
            String name = experiment.name();
            LinkedHashMap<String, String> written = new LinkedHashMap<>(settings.written());
            Made how = new Made(made.version(), made.command(), made.seed());
            CellResult result = spark.parallelize(List.of(name), 1)
                    .map(cell -> CellResult.of(cell, written, how))
                    .first();
            if (result.refused != null) {
                throw result.refused;
            }
            return result.document().read(listener);
        };
    }

    /**
     * What a cell's provenance takes over.
     *
     * @serial exclude
     */
    private record Made(String version, String command, long seed) implements Serializable {}

    /**
     * What came of a cell; a rule that it breaks is no fault of the machine, so that it is not tried again.
     *
     * @serial exclude
     */
    private record CellResult(
            CellRunner.@Nullable Document done, @Nullable InputException refused) implements Serializable {
        static CellResult of(String experiment, Map<String, String> written, Made made) throws IOException {
            try {
                Provenance provenance = new Provenance(made.version, made.command, made.seed, Map.of(), List.of());
                return new CellResult(CellRunner.document(experiment, written, provenance), null);
            } catch (InputException e) {
                return new CellResult(null, e);
            }
        }

        CellRunner.Document document() {
            return java.util.Objects.requireNonNull(done);
        }
    }

    @Override
    public int parallelism() {
        return spark.defaultParallelism();
    }

    @Override
    public Map<String, String> described() {
        return new TreeMap<>(Map.of("engine", "spark " + spark.version(), "master", spark.master()));
    }

    @Override
    public void close() {
        spark.close();
    }
}
