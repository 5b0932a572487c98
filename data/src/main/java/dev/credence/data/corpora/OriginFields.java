package dev.credence.data.corpora;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.RecordOrigins;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a record that say where it comes from: {@code camera}, {@code selected_by}, {@code generated_by}. */
public final class OriginFields {
    private OriginFields() {}

    /** What is said where a field is no text. */
    @FunctionalInterface
    public interface Bad {
        /**
         * Makes the error.
         *
         * @param field its name
         * @param value what was found
         * @param rule what it should have been
         * @return to be thrown
         */
        RuntimeException of(String field, String value, String rule);
    }

    /**
     * Reads them.
     *
     * @param record a JSON object
     * @param bad makes the error of a field that is neither a text nor null
     * @return field to what it says, null where it says nothing
     */
    public static Map<String, @Nullable String> of(JsonNode record, Bad bad) {
        Map<String, @Nullable String> stated = new LinkedHashMap<>();
        for (String field : RecordOrigins.fields()) {
            JsonNode value = record.path(field);
            if (value.isMissingNode() || value.isNull()) {
                continue;
            }
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw bad.of(field, value.toString(), "it is a text that says where the record comes from, or absent");
            }
            stated.put(field, value.textValue());
        }
        return stated;
    }
}
