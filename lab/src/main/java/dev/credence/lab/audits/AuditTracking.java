package dev.credence.lab.audits;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.data.runs.EventFile;
import dev.credence.data.runs.MetricSink;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.MlflowServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An audit beside the runs that a tracker has: each figure that stands and each end of its interval, by step, with the settings; what is
 * withdrawn is left out, for a tracker knows no reason.
 */
public final class AuditTracking {
    private AuditTracking() {}

    /**
     * The figures as TensorBoard's events.
     *
     * @param audit any
     * @param folder made if it is not there
     * @throws IOException if the events cannot be written
     */
    public static void events(AuditReport audit, Path folder) throws IOException {
        try (EventFile file = EventFile.in(folder, InstantSource.system())) {
            log(audit, file);
        }
    }

    /**
     * The figures as a run on an MLflow server.
     *
     * @param audit any
     * @param name of the run
     * @param url of the server
     * @param page the report, HTML
     * @return whether the server took the page too; it does where it serves files itself
     * @throws IOException if it cannot be reached or refuses
     */
    public static boolean mlflow(AuditReport audit, String name, String url, byte[] page) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>(audit.provenance().settings());
        settings.put("verdict", audit.last().verdict().label().words());
        MlflowServer.Shown shown = new MlflowServer.Shown("credence", name, settings);
        try (MlflowServer server = MlflowServer.begin(url, shown, InstantSource.system())) {
            log(audit, server);
            return server.keep("report.html", page);
        }
    }

    private static void log(AuditReport audit, MetricSink sink) throws IOException {
        long at = 0;
        for (StepAudit step : audit.steps()) {
            Map<String, Double> values = new LinkedHashMap<>();
            for (Finding finding : step.findings().values()) {
                if (finding.stands()) {
                    values.put(finding.id(), finding.estimate());
                    values.put(finding.id() + ".lower", finding.lower());
                    values.put(finding.id() + ".upper", finding.upper());
                }
            }
            values.values().removeIf(value -> !Double.isFinite(value));
            sink.log(new Metrics.Point(step.step() == null ? at : step.step(), values));
            at++;
        }
    }
}
