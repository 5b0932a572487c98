package dev.credence.hub.chat;

import java.util.LinkedHashMap;
import java.util.Map;

/** What loops may write to and still be read behind them. */
final class Namespace {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Namespace(Map<String, Object> values) {
        this.values.putAll(values);
    }

    Object get(String name) {
        return values.getOrDefault(name, Absent.UNDEFINED);
    }

    void put(String name, Object value) {
        values.put(name, value);
    }
}
