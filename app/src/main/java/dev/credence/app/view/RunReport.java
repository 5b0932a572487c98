package dev.credence.app.view;

import dev.credence.app.options.OutputFile;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.StoredRun;
import dev.credence.report.ReportDocument;
import dev.credence.report.TrainingCurves;
import dev.credence.report.TrainingReport;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page of training runs: their losses as drawings. */
public final class RunReport {
    private RunReport() {}

    /**
     * Whether an argument is a run's folder rather than one of audits.
     *
     * @param argument as typed
     * @return whether it is
     */
    public static boolean isRun(String argument) {
        return Files.isRegularFile(Path.of(argument).resolve("run.json"));
    }

    /**
     * Writes the page.
     *
     * @param folders of the runs
     * @param title of the page
     * @param provenance of this report
     * @param output the page
     * @return the facts it shows, as JSON
     * @throws IOException if reading or writing fails
     */
    public static byte[] write(List<String> folders, String title, Provenance provenance, Path output)
            throws IOException {
        List<TrainingCurves> curves = new ArrayList<>();
        List<Object> facts = new ArrayList<>();
        List<String> names = names(folders);
        for (int at = 0; at < names.size(); at++) {
            String folder = folders.get(at);
            StoredRun run = StoredRun.open(Path.of(folder));
            List<Metrics.Point> points = run.metrics().read();
            curves.add(curves(names.get(at), run, points));
            facts.add(facts(run, points));
        }
        Map<String, @Nullable Object> document = Json.document("credence.report/1", provenance);
        document.put("output", output.toString());
        document.put("runs", facts);
        document.put("provenance", Json.provenance(provenance));
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Json.write(document, json);
        ReportDocument page =
                new ReportDocument(title, null, List.of(), provenance, json.toString(StandardCharsets.UTF_8));
        OutputFile.write(output, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            TrainingReport.write(page, curves, writer);
            writer.flush();
        });
        return json.toByteArray();
    }

    /** The folders' own names, or all as typed where two have the same. */
    private static List<String> names(List<String> folders) {
        List<String> names = folders.stream()
                .map(folder -> String.valueOf(
                        Path.of(folder).toAbsolutePath().normalize().getFileName()))
                .toList();
        return new HashSet<>(names).size() == names.size() ? names : folders;
    }

    /**
     * What was measured in a run, to be drawn.
     *
     * @param name that the run is shown under
     * @param run the run
     * @param points of its metrics
     * @return with what is said of it above
     */
    public static TrainingCurves curves(String name, StoredRun run, List<Metrics.Point> points) {
        Map<String, String> facts = new LinkedHashMap<>();
        Provenance asked = run.asked().provenance();
        facts.put("Status", run.isDone() ? "done" : run.hasDiverged() ? "diverged" : "not done; it can be resumed");
        facts.put("Command", asked.command());
        facts.put("Started", run.asked().started());
        return new TrainingCurves(
                name,
                facts,
                asked.settings(),
                points.stream()
                        .map(point -> new TrainingCurves.Point(point.step(), point.values()))
                        .toList());
    }

    /**
     * A run as the report's JSON has it.
     *
     * @param run the run
     * @param points of its metrics
     * @return its status, and every measurement
     */
    public static Map<String, @Nullable Object> facts(StoredRun run, List<Metrics.Point> points) {
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("run", run.path().toString());
        facts.put("status", run.isDone() ? "done" : run.hasDiverged() ? "diverged" : "resumable");
        List<Object> metrics = new ArrayList<>();
        for (Metrics.Point point : points) {
            Map<String, @Nullable Object> line = new LinkedHashMap<>();
            line.put("step", point.step());
            line.putAll(point.values());
            metrics.add(line);
        }
        facts.put("metrics", metrics);
        return facts;
    }
}
