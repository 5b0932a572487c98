package dev.credence.hub.chat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values: what a loop or a macro sets is gone behind it. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Object> values = new HashMap<>();

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    Object get(String name) {
        Object value = values.get(name);
        if (value != null) {
            return value;
        }
        return outer == null ? Absent.UNDEFINED : outer.get(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    /** The outermost scope, which macros see. */
    Scope root() {
        return outer == null ? this : outer.root();
    }
}
