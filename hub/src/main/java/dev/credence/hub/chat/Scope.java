package dev.credence.hub.chat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values: what a loop or a macro sets is gone behind it. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Object> values = new HashMap<>();
    private final Work work;

    /** The outermost. */
    Scope() {
        this.outer = null;
        this.work = new Work();
    }

    Scope(Scope outer) {
        this.outer = outer;
        this.work = outer.work;
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

    /** What was done so far. */
    Work work() {
        return work;
    }

    /** The outermost scope, which macros see. */
    Scope root() {
        return outer == null ? this : outer.root();
    }
}
