package dev.credence.data.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;

/**
 * Lists of chat messages in the place of texts. As a prompt, a list is known by its canonical JSON: no white space, the role
 * first, then the content, then what else there is by name; null is the same as absent. So a prompt is one prompt whatever
 * wrote it. The text that a model reads is made of it by the model's chat template, elsewhere.
 */
public final class Messages {
    private static final String RULE = "a message has a role and a content";

    private Messages() {}

    /**
     * The canonical JSON of a list of messages.
     *
     * @param messages an array of objects with {@code role} and {@code content}
     * @return the JSON
     * @throws IllegalArgumentException if it is no such list, with the rule as message
     */
    public static String canonical(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw new IllegalArgumentException("it must be a text or a list of messages");
        }
        StringBuilder json = new StringBuilder("[");
        for (JsonNode message : messages) {
            json.append(json.length() > 1 ? "," : "").append(canonicalMessage(message));
        }
        return json.append(']').toString();
    }

    /**
     * The text of a completion that is written as messages: the content of a single one by the assistant, else the canonical
     * JSON of all.
     *
     * @param messages an array of objects with {@code role} and {@code content}
     * @return the text
     * @throws IllegalArgumentException if it is no such list, with the rule as message
     */
    public static String completion(JsonNode messages) {
        String canonical = canonical(messages);
        JsonNode only = messages.get(0);
        boolean plain = messages.size() == 1
                && only.path("role").asText().equals("assistant")
                && only.path("content").isTextual()
                && only.properties().stream()
                                .filter(field -> !field.getValue().isNull())
                                .count()
                        == 2;
        return plain ? only.path("content").textValue() : canonical;
    }

    private static ObjectNode canonicalMessage(JsonNode message) {
        if (!message.path("role").isTextual() || !message.has("content")) {
            throw new IllegalArgumentException(RULE);
        }
        ObjectNode ordered = JsonNodeFactory.instance.objectNode();
        ordered.set("role", message.path("role"));
        ordered.set("content", withoutNulls(message.path("content")));
        TreeMap<String, JsonNode> others = new TreeMap<>();
        message.properties().forEach(field -> others.put(field.getKey(), field.getValue()));
        others.forEach((name, value) -> {
            if (!ordered.has(name) && !value.isNull()) {
                ordered.set(name, withoutNulls(value));
            }
        });
        return ordered;
    }

    /** Columns of structs hold null for what a message does not have. */
    private static JsonNode withoutNulls(JsonNode node) {
        if (node.isArray()) {
            var list = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> list.add(withoutNulls(element)));
            return list;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        TreeMap<String, JsonNode> fields = new TreeMap<>();
        node.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        fields.forEach((name, value) -> {
            if (!value.isNull()) {
                object.set(name, withoutNulls(value));
            }
        });
        return object;
    }
}
