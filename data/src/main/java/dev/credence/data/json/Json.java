package dev.credence.data.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes maps, lists, texts and numbers as JSON: infinities as the strings {@code "inf"} and {@code "-inf"}, what is no
 * number as null.
 */
public final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final Class<?> WITHOUT_ORDER = Map.of().getClass(); // another order in each process: keys are sorted

    private Json() {}

    /**
     * What reads JSON that is not ours.
     *
     * @return reads one value, and refuses what stands behind it
     */
    public static ObjectMapper reader() {
        return new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /**
     * A document with its schema in the first field, then the program's version.
     *
     * @param schema such as {@code credence.posterior/1}
     * @param provenance what it was made with; its inputs are the third field
     * @return to be filled on
     */
    public static Map<String, @Nullable Object> document(String schema, Provenance provenance) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("schema", schema);
        document.put("credence", provenance.version());
        if (!provenance.inputs().isEmpty()) {
            document.put("inputs", provenance.inputs().stream().map(Json::input).toList());
        }
        return document;
    }

    /**
     * Where a result came from, as the last field of a document.
     *
     * @param provenance what it was made with
     * @return command, seed and settings
     */
    public static Map<String, @Nullable Object> provenance(Provenance provenance) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("command", provenance.command());
        fields.put("seed", provenance.seed());
        fields.put("settings", provenance.settings());
        return fields;
    }

    /**
     * Findings as an audit's JSON has them.
     *
     * @param findings by id
     * @return by id
     */
    public static Map<String, @Nullable Object> findings(Map<String, Finding> findings) {
        Map<String, @Nullable Object> byId = new LinkedHashMap<>();
        findings.forEach((id, finding) -> byId.put(id, finding(finding)));
        return byId;
    }

    private static Map<String, @Nullable Object> finding(Finding finding) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("question", finding.question());
        fields.put("lower", finding.lower());
        fields.put("estimate", finding.estimate());
        fields.put("upper", finding.upper());
        fields.put("grade", finding.grade().name().toLowerCase(Locale.ROOT));
        fields.put("unit", finding.unit());
        fields.put("interval", finding.interval());
        fields.put("reason", finding.reason());
        return fields;
    }

    private static Map<String, @Nullable Object> input(Provenance.Input input) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", input.name());
        fields.put("bytes", input.bytes());
        fields.put("sha256", input.sha256());
        if (input.origins().records() > 0) {
            fields.put("records", input.origins().records());
            fields.putAll(input.origins().stated());
        }
        return fields;
    }

    /**
     * Writes a document.
     *
     * @param document maps, lists, texts, numbers, truth values and nulls
     * @param out where to; stays open
     * @throws IOException if writing fails
     */
    public static void write(Map<String, @Nullable Object> document, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.useDefaultPrettyPrinter();
            value(json, document);
        }
        out.write('\n');
    }

    /**
     * Writes a document as one line.
     *
     * @param document as for {@link #write}
     * @param out where to; stays open
     * @throws IOException if writing fails
     */
    public static void writeLine(Map<String, @Nullable Object> document, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)) {
            value(json, document);
        }
        out.write('\n');
    }

    private static void value(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            Map<?, ?> ordered = map.getClass() == WITHOUT_ORDER ? new TreeMap<>(map) : map;
            for (Map.Entry<?, ?> entry : ordered.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                value(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                value(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof double[] numbers) {
            json.writeStartArray();
            for (double number : numbers) {
                number(json, number);
            }
            json.writeEndArray();
        } else if (value instanceof int[] numbers) {
            json.writeArray(numbers, 0, numbers.length);
        } else if (value instanceof Double number) {
            number(json, number);
        } else if (value instanceof Long || value instanceof Integer) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof RawJson raw) {
            json.writeRawValue(raw.text());
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value.toString());
        }
    }

    private static void number(JsonGenerator json, double value) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNull();
        } else if (Double.isInfinite(value)) {
            json.writeString(value > 0 ? "inf" : "-inf");
        } else {
            json.writeNumber(value);
        }
    }
}
