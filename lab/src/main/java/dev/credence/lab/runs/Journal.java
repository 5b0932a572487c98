package dev.credence.lab.runs;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.PublicUrl;
import dev.credence.data.runs.EventFile;
import dev.credence.data.runs.MetricSink;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.MlflowServer;
import dev.credence.data.runs.StoredRun;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a run's figures go as they are measured: its metrics, without which it stops; event files and a server, which it
 * goes on without; and lines of progress for whoever looks on.
 */
public final class Journal implements AutoCloseable {
    private final Metrics.Appender metrics;
    private final List<MetricSink> others;
    private final ProgressLines lines;
    private final Consumer<String> report;

    private Journal(Metrics.Appender metrics, List<MetricSink> others, ProgressLines lines, Consumer<String> report) {
        this.metrics = metrics;
        this.others = others;
        this.lines = lines;
        this.report = report;
    }

    /**
     * Where metrics go beside the run's folder.
     *
     * @param tensorboard whether as event files
     * @param mlflow a server's address, or null
     */
    public record Sinks(boolean tensorboard, @Nullable String mlflow) {
        /**
         * Checks the address.
         *
         * @param tensorboard as above
         * @param mlflow as above
         * @throws InputException if it holds a password or a key
         */
        public Sinks {
            if (mlflow != null) {
                PublicUrl.check("mlflow", mlflow, "let a proxy on this machine add it");
            }
        }

        /** {@return nowhere} */
        public static Sinks none() {
            return new Sinks(false, null);
        }
    }

    /**
     * Opens what a run writes to, whose folder the caller has taken.
     *
     * @param run its folder
     * @param sinks where metrics go beside it
     * @param lines of progress; metrics after the step that they begin at are of a run that was broken off, and go
     * @param report takes warnings
     * @return open, to be closed
     * @throws IOException if the folder's metrics cannot be read or written
     */
    public static Journal open(StoredRun run, Sinks sinks, ProgressLines lines, Consumer<String> report)
            throws IOException {
        if (lines.from() == 0 && run.metrics().exists()) {
            report.accept("no checkpoint was written before the run broke off: going on from step 0");
        }
        Metrics.Appender metrics = run.metrics().append();
        if (!run.metrics().read().isEmpty()) {
            metrics.resumed(lines.from());
            RunFiles.warnOfMachine(run, report);
        }
        List<MetricSink> others = new ArrayList<>();
        if (sinks.tensorboard()) {
            others.add(EventFile.in(run.path().resolve("tensorboard"), InstantSource.system()));
        }
        String server = sinks.mlflow();
        if (server != null) {
            try {
                MlflowServer.Shown shown = new MlflowServer.Shown(
                        "credence",
                        String.valueOf(run.path().getFileName()),
                        run.asked().provenance().settings());
                others.add(MlflowServer.begin(server, shown, InstantSource.system()));
            } catch (IOException e) {
                report.accept("warning: no metrics to " + server + ": " + e.getMessage());
            }
        }
        return new Journal(metrics, others, lines, report);
    }

    /**
     * Takes a measurement.
     *
     * @param point figures of a step
     * @throws IOException if the folder's metrics cannot be written
     */
    public void measured(Metrics.Point point) throws IOException {
        metrics.log(point);
        others.removeIf(sink -> !passedOn(sink, point));
        lines.measured(point);
    }

    /**
     * Puts the metrics so far on the disk.
     *
     * @throws IOException if they cannot be written
     */
    public void force() throws IOException {
        metrics.force();
    }

    private boolean passedOn(MetricSink sink, Metrics.Point point) {
        try {
            sink.log(point);
            return true;
        } catch (IOException e) {
            report.accept("warning: metrics go to the run's folder alone from here on: " + e.getMessage());
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        for (MetricSink sink : others) {
            try {
                sink.close();
            } catch (IOException e) {
                report.accept("warning: " + e.getMessage());
            }
        }
        metrics.close();
    }
}
