package dev.credence.lab.experiments;

import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An experiment that was run: what programs read of it, and the files of its folder.
 *
 * @param experiment which
 * @param settings it was run with
 * @param result what came of it
 * @param provenance how
 */
public record ExperimentRun(
        Experiment experiment, ExperimentSettings settings, ExperimentResult result, Provenance provenance) {
    /** {@return the document for programs, {@link Experiment#schema} its first field} */
    public Map<String, @Nullable Object> document() {
        Map<String, @Nullable Object> document = Json.document(experiment.schema(), provenance);
        document.put("experiment", experiment.name());
        document.put("settings", settings.values());
        document.put("question", experiment.question());
        document.put("findings", Json.findings(result.findings()));
        Map<String, @Nullable Object> tables = new LinkedHashMap<>();
        result.tables().forEach((name, table) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("title", table.title());
            fields.put("columns", table.columns());
            fields.put("rows", table.rows());
            tables.put(name, fields);
        });
        document.put("tables", tables);
        document.put(
                "pictures",
                result.pictures().stream().map(ExperimentRun::picture).toList());
        document.putAll(result.further());
        document.put("conclusion", result.conclusion());
        document.put("cannotShow", result.cannotShow());
        document.put("met", result.isMet());
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    /**
     * Writes {@code figures.json}, {@code settings.yaml}, {@code conclusion.txt} and a CSV a table, each whole or not at all.
     *
     * @param folder made where it is not there
     * @throws IOException if writing fails
     */
    public void write(Path folder) throws IOException {
        Map<String, @Nullable Object> document = document();
        Files.createDirectories(folder);
        AtomicFile.write(folder.resolve("settings.yaml"), out -> text(settings.yaml(experiment), out));
        AtomicFile.write(folder.resolve("conclusion.txt"), out -> text(result.conclusion() + "\n", out));
        for (Map.Entry<String, DataTable> table : result.tables().entrySet()) {
            AtomicFile.write(folder.resolve(table.getKey() + ".csv"), out -> text(csv(table.getValue()), out));
        }
        // Last: where it is there, the run is done and is not begun again.
        AtomicFile.write(folder.resolve("figures.json"), out -> Json.write(document, out));
    }

    private static Map<String, @Nullable Object> picture(Picture picture) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("id", picture.id());
        fields.put("title", picture.title());
        fields.put("caption", picture.caption());
        fields.put("x", axis(picture.x()));
        fields.put("y", axis(picture.y()));
        fields.put("categories", picture.categories());
        fields.put(
                "series", picture.series().stream().map(ExperimentRun::series).toList());
        return fields;
    }

    private static Map<String, @Nullable Object> axis(Picture.Axis axis) {
        return Map.of("name", axis.name(), "scale", axis.scale().name().toLowerCase(Locale.ROOT));
    }

    private static Map<String, @Nullable Object> series(Picture.Series series) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", series.name());
        fields.put("mark", series.mark().name().toLowerCase(Locale.ROOT));
        fields.put("x", series.x());
        fields.put("y", series.y());
        fields.put("lower", series.lower());
        fields.put("upper", series.upper());
        return fields;
    }

    private static void text(String text, OutputStream out) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A table as comma-separated values: numbers in full, texts in quotes where they need them.
     *
     * @param table any
     * @return a line for the columns' names, and one a row
     */
    public static String csv(DataTable table) {
        StringBuilder csv = new StringBuilder(line(table.columns()));
        table.rows().forEach(row -> csv.append(line(row)));
        return csv.toString();
    }

    private static String line(List<? extends @Nullable Object> cells) {
        return cells.stream().map(ExperimentRun::cell).collect(Collectors.joining(",")) + "\n";
    }

    private static String cell(@Nullable Object cell) {
        if (cell == null || (cell instanceof Double number && number.isNaN())) {
            return "";
        }
        if (cell instanceof Double number && number.isInfinite()) {
            return number > 0 ? "inf" : "-inf";
        }
        String text = cell.toString();
        boolean quoted = text.contains(",") || text.contains("\"") || text.contains("\n");
        return quoted ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
    }
}
