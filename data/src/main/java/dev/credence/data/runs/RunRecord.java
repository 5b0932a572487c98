package dev.credence.data.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run was asked: written once, when it begins.
 *
 * @param kind what does it, such as {@code train}
 * @param arguments what it was given beside the settings, such as the corpus files
 * @param provenance version, command, seed, settings, inputs with their hashes
 * @param machine what may decide about bits: Java, operating system, threads
 * @param started when, ISO 8601
 */
public record RunRecord(
        String kind, List<String> arguments, Provenance provenance, Map<String, String> machine, String started) {
    static final String SCHEMA = "credence.run-record/1";

    /** What records were called before, which is the name of an experiment's document. */
    private static final String FORMER = "credence.run/1";

    private static final ObjectMapper MAPPER = Json.reader();

    /**
     * The same with a setting more.
     *
     * @param setting its name
     * @param value its value
     * @return the record
     */
    public RunRecord with(String setting, String value) {
        Map<String, String> settings = new LinkedHashMap<>(provenance.settings());
        settings.put(setting, value);
        Provenance more = new Provenance(
                provenance.version(), provenance.command(), provenance.seed(), settings, provenance.inputs());
        return new RunRecord(kind, arguments, more, machine, started);
    }

    byte[] json() throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("schema", SCHEMA).put("credence", provenance.version()).put("kind", kind);
        root.put("started", started).put("command", provenance.command()).put("seed", provenance.seed());
        arguments.forEach(root.putArray("arguments")::add);
        ObjectNode settings = root.putObject("settings");
        provenance.settings().forEach(settings::put);
        ObjectNode host = root.putObject("machine");
        machine.forEach(host::put);
        ArrayNode inputs = root.putArray("inputs");
        for (Provenance.Input input : provenance.inputs()) {
            ObjectNode fields = inputs.addObject()
                    .put("name", input.name())
                    .put("bytes", input.bytes())
                    .put("sha256", input.sha256());
            if (input.origins().records() > 0) {
                fields.put("records", input.origins().records());
                input.origins().stated().forEach((field, counts) -> {
                    ObjectNode own = fields.putObject(field);
                    counts.forEach(own::put);
                });
            }
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    }

    static RunRecord of(String file, byte[] json) throws IOException {
        JsonNode root = MAPPER.readTree(json);
        String schema = root.path("schema").asText();
        if (!schema.equals(SCHEMA) && !schema.equals(FORMER)) {
            throw new InputException(file, 0, "schema", "'" + schema + "'", "a run's record is " + SCHEMA);
        }
        List<Provenance.Input> inputs = new ArrayList<>();
        for (JsonNode input : root.path("inputs")) {
            Provenance.Input read = new Provenance.Input(
                    input.path("name").asText(),
                    input.path("bytes").asLong(),
                    input.path("sha256").asText());
            inputs.add(input.has("records") ? read.withOrigins(origins(input)) : read);
        }
        List<String> arguments = new ArrayList<>();
        root.path("arguments").forEach(each -> arguments.add(each.asText()));
        Provenance provenance = new Provenance(
                root.path("credence").asText(),
                root.path("command").asText(),
                root.path("seed").asLong(),
                texts(root.path("settings")),
                inputs);
        return new RunRecord(
                root.path("kind").asText(),
                arguments,
                provenance,
                texts(root.path("machine")),
                root.path("started").asText());
    }

    private static RecordOrigins origins(JsonNode input) {
        return new RecordOrigins(
                input.path("records").asLong(),
                counts(input.path(RecordOrigins.CAMERA)),
                counts(input.path(RecordOrigins.SELECTED_BY)),
                counts(input.path(RecordOrigins.GENERATED_BY)));
    }

    private static Map<String, Long> counts(JsonNode object) {
        Map<String, Long> counts = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> counts.put(field.getKey(), field.getValue().asLong()));
        return counts;
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }
}
