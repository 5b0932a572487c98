package dev.credence.hub.chat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value as JSON, spaced as Python does and nothing but what must be escaped. */
final class TemplateJson {
    private TemplateJson() {}

    static String of(Object value) {
        if (value instanceof String text) {
            return quoted(text);
        } else if (value instanceof Boolean || value instanceof Long) {
            return value.toString();
        } else if (value instanceof List<?> list) {
            return list.stream().map(TemplateJson::of).collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> quoted(String.valueOf(entry.getKey())) + ": " + of(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        } else if (value == Absent.NONE) {
            return "null";
        }
        throw new TemplateException("the filter 'tojson' of " + Values.kind(value) + " is not supported");
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                default -> json.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return json.append('"').toString();
    }
}
