package dev.credence.app.command;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.DataCopies;
import dev.credence.lab.experiments.FiftyCopies;
import dev.credence.lab.experiments.PathPoint;
import dev.credence.lab.experiments.RewardReading;
import dev.credence.report.PathFigure;
import dev.credence.report.PathReport;
import dev.credence.report.ReportDocument;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fifty copies as files: figures for programs, and a page with the paths drawn.
 *
 * @param outcome the figures
 * @param conclusion drawn from them
 * @param provenance of the run
 */
record CopiesDocument(FiftyCopies.Outcome outcome, String conclusion, Provenance provenance) {
    private static final double FIRST = 0.02; // its drawings come first

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> document = Json.document("credence.fifty-copies/1", provenance);
        document.put("ran", outcome.ran());
        document.put(
                "paths", outcome.points().stream().map(CopiesDocument::json).toList());
        document.put(
                "observed",
                outcome.observed().stream().map(CopiesDocument::json).toList());
        document.put("conclusion", conclusion);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static Map<String, @Nullable Object> json(PathPoint point) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("place", point.place());
        fields.put("reading", point.reading());
        fields.put("beta", point.beta());
        fields.put("method", point.method());
        fields.put("step", point.step());
        fields.put("nominal", point.nominal());
        fields.put("copies", point.copies());
        fields.put("lower", point.lower());
        fields.put("upper", point.upper());
        fields.put("bayesFraction", point.bayesFraction());
        fields.put("kl", point.kl());
        return fields;
    }

    private static Map<String, @Nullable Object> json(DataCopies reading) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("place", reading.place());
        fields.put("method", reading.method());
        fields.put("beta", reading.beta());
        fields.put("nominal", reading.nominal());
        fields.put("copies", reading.copies());
        fields.put("lower", reading.lower());
        fields.put("upper", reading.upper());
        fields.put("grade", reading.draws() == 0 ? "exact" : "estimated");
        fields.put("draws", reading.draws());
        fields.put("residual", reading.residual());
        fields.put("unread", reading.unread());
        return fields;
    }

    /** Writes the page. */
    void writePage(Path file) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        Json.write(json(), json);
        ReportDocument page = new ReportDocument(
                "Is RL with a KL penalty like fifty copies of each good example?",
                null,
                List.of(),
                provenance,
                json.toString(StandardCharsets.UTF_8));
        OutputFile.write(file, out -> {
            Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            PathReport.write(page, List.of(conclusion), figures(), writer);
            writer.flush();
        });
    }

    /** One set of drawings for each place, reading and coefficient; those of fifty copies and of the model first. */
    List<PathFigure> figures() {
        Map<String, List<PathPoint>> sets = new LinkedHashMap<>();
        List<PathPoint> points = new ArrayList<>(outcome.points());
        points.sort((p, q) -> Integer.compare(rank(p), rank(q)));
        for (PathPoint point : points) {
            sets.computeIfAbsent(title(point), key -> new ArrayList<>()).add(point);
        }
        List<PathFigure> figures = new ArrayList<>();
        sets.forEach((title, set) -> figures.add(figure(title, set)));
        return figures;
    }

    private static int rank(PathPoint point) {
        return (point.beta() == FIRST ? 0 : 2) + (point.reading().equals("c") ? 0 : 1);
    }

    private static String title(PathPoint point) {
        return String.format(
                Locale.ROOT,
                "%s, β = %s (nominally %s copies), reading %s",
                point.place(),
                FigureFormat.of(point.beta()),
                FigureFormat.of(point.nominal()),
                point.reading());
    }

    private PathFigure figure(String title, List<PathPoint> set) {
        Map<String, List<PathFigure.Point>> lines = new LinkedHashMap<>();
        for (PathPoint point : set) {
            lines.computeIfAbsent(point.method(), key -> new ArrayList<>())
                    .add(new PathFigure.Point(
                            point.step(),
                            point.kl(),
                            point.copies(),
                            point.lower(),
                            point.upper(),
                            point.bayesFraction()));
        }
        PathPoint any = set.get(0);
        String reading =
                RewardReading.valueOf(any.reading().toUpperCase(Locale.ROOT)).words();
        return new PathFigure(
                title,
                "The reward is a " + reading + ". Ran: "
                        + Objects.requireNonNullElse(outcome.ran().get(any.place()), ""),
                any.nominal(),
                lines.entrySet().stream()
                        .map(line -> new PathFigure.Line(line.getKey(), line.getValue()))
                        .toList());
    }
}
