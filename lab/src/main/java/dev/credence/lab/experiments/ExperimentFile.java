package dev.credence.lab.experiments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what {@link ExperimentRun#document} has written: a run, to be shown or compared again. */
public final class ExperimentFile {
    private static final ObjectMapper MAPPER = Json.reader();
    private static final String EXPERIMENT = "experiment";
    private static final Set<String> OWN = Set.of(
            "schema",
            "credence",
            "inputs",
            EXPERIMENT,
            "settings",
            "question",
            "findings",
            "tables",
            "pictures",
            "conclusion",
            "cannotShow",
            "met",
            "provenance");

    private final String file;
    private final JsonNode root;

    private ExperimentFile(String file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /**
     * Reads a run's figures.
     *
     * @param file such as {@code runs/amplification/figures.json}
     * @return the run
     * @throws IOException if the file cannot be read
     * @throws InputException naming file, field, value and rule where it is none of an experiment that is on the class path
     */
    public static ExperimentRun read(Path file) throws IOException {
        return read(file.toString(), Files.readAllBytes(file));
    }

    /** Reads a document of a name, for its errors. */
    static ExperimentRun read(String name, byte[] json) throws IOException {
        try {
            return new ExperimentFile(name, MAPPER.readTree(json)).run();
        } catch (JsonProcessingException e) {
            throw new InputException(
                    name,
                    0,
                    "",
                    "broken JSON (" + Cause.ofParser(e.getOriginalMessage()) + ")",
                    "a run's figures are JSON");
        } catch (CharConversionException e) {
            throw new InputException(name, 0, "", "not UTF-8", "a run's figures are JSON");
        }
    }

    private ExperimentRun run() {
        Map<String, String> made = new LinkedHashMap<>();
        field(field(root, "provenance"), "settings")
                .properties()
                .forEach(each -> made.put(each.getKey(), each.getValue().asText()));
        Map<String, String> given = new LinkedHashMap<>(made);
        given.remove(EXPERIMENT);
        Experiment experiment;
        ExperimentSettings settings;
        try {
            experiment = Experiments.byName(text(root, EXPERIMENT));
            settings = ExperimentSettings.of(experiment, given);
        } catch (InputException e) {
            throw new InputException(file, 0, e.field(), e.value(), e.rule());
        }
        List<Provenance.Input> inputs = list(
                root.path("inputs"),
                input -> new Provenance.Input(
                        text(input, "name"), field(input, "bytes").asLong(), text(input, "sha256")));
        ExperimentResult result = new ExperimentResult(
                entries(field(root, "findings"), this::finding),
                entries(field(root, "tables"), (name, table) -> table(table)),
                list(root.path("pictures"), this::picture),
                text(root, "conclusion"),
                text(root, "cannotShow"),
                inputs,
                further(),
                field(root, "met").asBoolean());
        JsonNode provenance = field(root, "provenance");
        return new ExperimentRun(
                experiment,
                settings,
                result,
                new Provenance(
                        text(root, "credence"),
                        text(provenance, "command"),
                        field(provenance, "seed").asLong(),
                        made,
                        inputs));
    }

    private Map<String, @Nullable Object> further() {
        Map<String, @Nullable Object> further = new LinkedHashMap<>();
        root.properties().forEach(each -> {
            if (!OWN.contains(each.getKey())) {
                further.put(each.getKey(), MAPPER.convertValue(each.getValue(), Object.class));
            }
        });
        return further;
    }

    private Finding finding(String id, JsonNode node) {
        String grade = text(node, "grade");
        for (Grade each : Grade.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(grade)) {
                return new Finding(
                        id,
                        text(node, "question"),
                        number(node.path("lower")),
                        number(node.path("estimate")),
                        number(node.path("upper")),
                        each,
                        text(node, "unit"),
                        node.path("interval").textValue(),
                        node.path("reason").textValue());
            }
        }
        throw new InputException(file, 0, "grade", grade, "it is one of exact, bounded, estimated, withdrawn");
    }

    private DataTable table(JsonNode node) {
        List<String> columns = list(field(node, "columns"), JsonNode::asText);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (JsonNode row : field(node, "rows")) {
            List<@Nullable Object> cells = new ArrayList<>();
            for (JsonNode cell : row) {
                cells.add(cell(cell));
            }
            rows.add(cells);
        }
        String title = node.path("title").textValue();
        return new DataTable(title == null ? "" : title, columns, rows);
    }

    private static @Nullable Object cell(JsonNode cell) {
        if (cell.isNumber()) {
            return cell.isIntegralNumber() ? (Object) cell.asLong() : (Object) cell.asDouble();
        }
        if (cell.isBoolean()) {
            return cell.asBoolean();
        }
        if (cell.isNull()) {
            return null;
        }
        String text = cell.asText();
        return text.equals("inf") || text.equals("-inf") ? (Object) ExperimentKey.number(text) : text;
    }

    private Picture picture(JsonNode node) {
        return new Picture(
                text(node, "id"),
                text(node, "title"),
                text(node, "caption"),
                axis(field(node, "x")),
                axis(field(node, "y")),
                list(field(node, "categories"), JsonNode::asText),
                list(field(node, "series"), this::series));
    }

    private Picture.Axis axis(JsonNode node) {
        return new Picture.Axis(text(node, "name"), Picture.Scale.valueOf(constant(node, "scale")));
    }

    private Picture.Series series(JsonNode node) {
        return new Picture.Series(
                text(node, "name"),
                Picture.Mark.valueOf(constant(node, "mark")),
                list(field(node, "x"), this::number),
                list(field(node, "y"), this::number),
                list(field(node, "lower"), this::number),
                list(field(node, "upper"), this::number));
    }

    private String constant(JsonNode node, String name) {
        return text(node, name).toUpperCase(Locale.ROOT);
    }

    private double number(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return Double.NaN;
        }
        return value.isNumber() ? value.asDouble() : ExperimentKey.number(value.asText());
    }

    private String text(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (!value.isTextual()) {
            throw new InputException(file, 0, name, value.toString(), "it must be a text");
        }
        return value.asText();
    }

    private JsonNode field(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new InputException(file, 0, name, "missing", "a run's figures have it");
        }
        return value;
    }

    private static <T> List<T> list(JsonNode node, Function<JsonNode, T> each) {
        List<T> items = new ArrayList<>();
        node.forEach(item -> items.add(each.apply(item)));
        return items;
    }

    private interface Named<T> {
        T read(String name, JsonNode node);
    }

    private static <T> Map<String, T> entries(JsonNode object, Named<T> each) {
        Map<String, T> entries = new LinkedHashMap<>();
        object.properties().forEach(entry -> entries.put(entry.getKey(), each.read(entry.getKey(), entry.getValue())));
        return entries;
    }
}
