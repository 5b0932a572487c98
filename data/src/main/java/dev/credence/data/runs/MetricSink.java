package dev.credence.data.runs;

import java.io.Closeable;
import java.io.IOException;

/** Where metrics go as they are measured. */
public interface MetricSink extends Closeable {
    /**
     * Takes what was measured at one step.
     *
     * @param point step and values
     * @throws IOException if it cannot be passed on
     */
    void log(Metrics.Point point) throws IOException;
}
