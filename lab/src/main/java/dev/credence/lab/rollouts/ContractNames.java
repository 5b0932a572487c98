package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FieldMap;

/** Gives the fields of other tools' records the contract's names. */
final class ContractNames {
    private ContractNames() {}

    /**
     * Copies what a log keeps elsewhere.
     *
     * @param record changed in place; what is there stays
     * @param fields where the log keeps its fields
     */
    static void give(ObjectNode record, FieldMap fields) {
        fields.paths().forEach((field, paths) -> {
            if (!record.has(field.key())) {
                for (String path : paths) {
                    JsonNode found = find(record, path);
                    if (!found.isMissingNode()) {
                        record.set(field.key(), found);
                        return;
                    }
                }
            }
        });
        String source = fields.defaultSource();
        if (source != null && !record.hasNonNull(Field.SOURCE.key())) {
            record.put(Field.SOURCE.key(), source);
        }
    }

    private static JsonNode find(JsonNode record, String path) {
        JsonNode whole = record.path(path);
        int dot = path.indexOf('.');
        return whole.isMissingNode() && dot > 0
                ? find(record.path(path.substring(0, dot)), path.substring(dot + 1))
                : whole;
    }
}
