package dev.credence.hub.chat;

import java.util.List;
import java.util.Map;

/** What a template can call. */
@FunctionalInterface
interface Function {
    /** Its value for arguments by position and by name. */
    Object call(List<Object> positional, Map<String, Object> named);
}
