package dev.credence.bench.speed;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The speed of one log's audit beside its peers, for people and for programs.
 *
 * @param prompts of the log
 * @param bytes of the log
 * @param audit the audit's own speed
 * @param counts DuckDB's count and sum in this process, one a repetition
 * @param countPeer the same from Python
 * @param numpyPeer the numpy script
 */
record SpeedReport(
        int prompts,
        long bytes,
        AuditSpeed audit,
        List<Timing> counts,
        PythonPeer.Outcome countPeer,
        PythonPeer.Outcome numpyPeer) {
    /** Copies the list. */
    SpeedReport {
        counts = List.copyOf(counts);
    }

    void print(Console console) {
        console.line(Style.BOLD, text("%,d records, %d prompts, %.0f MB", audit.records(), prompts, bytes / 1e6));
        TextTable table = new TextTable(2)
                .words("", 44)
                .numbers("seconds")
                .numbers("processor seconds")
                .numbers("records a second")
                .numbers("warm audit takes");
        row(table, Style.GOOD, "read and audit, first", audit.first());
        row(table, Style.GOOD, "read and audit, warm", audit.warm());
        row(table, Style.PLAIN, "  of which reading", AuditSpeed.warm(audit.reading()));
        row(table, Style.PLAIN, "  of which auditing", AuditSpeed.warm(audit.auditing()));
        row(table, Style.PLAIN, "(a) DuckDB counts and sums, in this process", Timing.median(counts));
        peer(table, "(a) DuckDB counts and sums, from Python", countPeer);
        peer(table, "(b) numpy and pandas: the same estimates", numpyPeer);
        table.print(console);
        console.line(Style.DIM, text("  peak heap %.0f MB, garbage included", audit.peakHeap() / 1e6));
        console.line();
    }

    private void row(TextTable table, Style style, String what, Timing timing) {
        table.row(
                style,
                what,
                text("%.2f", timing.wall()),
                Double.isNaN(timing.processor()) ? "" : text("%.2f", timing.processor()),
                text("%,.0f", audit.records() / timing.wall()),
                text("%.2f times that", audit.warm().wall() / timing.wall()));
    }

    private void peer(TextTable table, String what, PythonPeer.Outcome outcome) {
        if (outcome.timings().isEmpty()) {
            table.row(Style.DIM, what, "skipped");
            table.note(outcome.skipped());
        } else {
            row(table, Style.PLAIN, what, Timing.median(outcome.timings()));
        }
    }

    /** The same, for programs. */
    static Map<String, @Nullable Object> document(List<SpeedReport> reports, Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.bench.audit/1", provenance);
        List<Map<String, @Nullable Object>> logs = new ArrayList<>();
        reports.forEach(report -> logs.add(report.fields()));
        document.put("logs", logs);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("records", audit.records());
        fields.put("prompts", prompts);
        fields.put("bytes", bytes);
        fields.put("peakHeap", audit.peakHeap());
        fields.put("first", fields(audit.first()));
        fields.put("warm", fields(audit.warm()));
        fields.put("warmReading", fields(AuditSpeed.warm(audit.reading())));
        fields.put("warmAuditing", fields(AuditSpeed.warm(audit.auditing())));
        fields.put("recordsPerSecond", audit.records() / audit.warm().wall());
        Timing count = Timing.median(counts);
        fields.put("duckdb", fields(count));
        fields.put("timesDuckdb", audit.warm().wall() / count.wall());
        fields.put("duckdbPython", fields(countPeer));
        fields.put("numpy", fields(numpyPeer));
        fields.put(
                "fasterThanNumpy",
                numpyPeer.timings().isEmpty()
                        ? null
                        : Timing.median(numpyPeer.timings()).wall()
                                / audit.warm().wall());
        return fields;
    }

    private static Map<String, @Nullable Object> fields(PythonPeer.Outcome outcome) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        if (outcome.timings().isEmpty()) {
            fields.put("skipped", outcome.skipped());
            return fields;
        }
        return fields(Timing.median(outcome.timings()));
    }

    private static Map<String, @Nullable Object> fields(Timing timing) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("seconds", timing.wall());
        fields.put("processorSeconds", timing.processor());
        return fields;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
