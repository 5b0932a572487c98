package dev.credence.data.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/** Gives the fields of other tools' records the contract's names and words. */
public final class ContractRecords {
    private ContractRecords() {}

    /**
     * Puts what a log keeps elsewhere under the contract's names, as the reader of logs would find it: the preferred place
     * first, null as if it were absent. Mapped words of source, split and end get their meaning, ends become
     * {@code finished} true or false, and a format's reward columns one object. A word of an unknown meaning stays as it
     * is, for whoever reads the field to refuse.
     *
     * @param record changed in place; its other fields stay
     * @param fields where the log keeps its fields
     */
    public static void give(ObjectNode record, FieldMap fields) {
        for (Field field : Field.values()) {
            List<String> paths = fields.paths().getOrDefault(field, List.of());
            for (int rank = 0; rank < paths.size(); rank++) {
                JsonNode found = find(record, paths.get(rank));
                if (!found.isMissingNode() && !found.isNull()) {
                    record.set(field.key(), meaning(field, rank, found, fields));
                    break;
                }
            }
        }
        LogFormat format = fields.format();
        if (format != null && !record.hasNonNull(Field.REWARD.key())) {
            rewards(record, format);
        }
        String source = fields.defaultSource();
        if (source != null && !record.hasNonNull(Field.SOURCE.key())) {
            record.put(Field.SOURCE.key(), source);
        }
    }

    private static void rewards(ObjectNode record, LogFormat format) {
        List<String> names = new ArrayList<>();
        record.fieldNames().forEachRemaining(names::add);
        List<String> columns = format.rewardColumns(names);
        if (!columns.isEmpty()) {
            ObjectNode rewards = record.putObject(Field.REWARD.key());
            columns.forEach(column -> rewards.set(column, record.get(column)));
        }
    }

    private static JsonNode meaning(Field field, int rank, JsonNode found, FieldMap fields) {
        ValueMap values = fields.values();
        if (field == Field.FINISHED) {
            return finished(rank, found, fields);
        }
        boolean word = found.isTextual() || (found.isValueNode() && values.maps(field));
        boolean mapped = field == Field.SOURCE || field == Field.SPLIT;
        return mapped && word ? TextNode.valueOf(values.of(field, found.asText())) : found;
    }

    private static JsonNode finished(int rank, JsonNode found, FieldMap fields) {
        boolean mapped = fields.values().maps(Field.FINISHED);
        if (found.isBoolean() && !mapped) {
            boolean saysCut = EndWords.saysCut(fields.path(Field.FINISHED, rank));
            return BooleanNode.valueOf(found.booleanValue() != saysCut);
        }
        if (!found.isTextual() && !(mapped && found.isValueNode())) {
            return found;
        }
        try {
            return BooleanNode.valueOf(!fields.cut(rank, found.asText()));
        } catch (BadRecord e) {
            return found;
        }
    }

    /**
     * What is at a dotted path: keys of objects, which may hold dots themselves, and positions in arrays.
     *
     * @param node where the path begins
     * @param path such as {@code choices.0.text}
     * @return the value, or a missing node
     */
    static JsonNode find(JsonNode node, String path) {
        JsonNode whole = at(node, path);
        for (int dot = path.indexOf('.'); whole.isMissingNode() && dot >= 0; dot = path.indexOf('.', dot + 1)) {
            JsonNode head = at(node, path.substring(0, dot));
            whole = head.isContainerNode() ? find(head, path.substring(dot + 1)) : whole;
        }
        return whole;
    }

    private static JsonNode at(JsonNode node, String key) {
        if (node instanceof ArrayNode list) {
            return key.matches("[0-9]{1,9}") ? list.path(Integer.parseInt(key)) : MissingNode.getInstance();
        }
        return node.path(key);
    }
}
