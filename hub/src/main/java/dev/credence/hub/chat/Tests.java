package dev.credence.hub.chat;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tests: {@code value is test}. */
final class Tests {
    private static final Set<String> KNOWN = Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "integer",
            "boolean",
            "true",
            "false",
            "equalto",
            "eq",
            "ne",
            "in",
            "odd",
            "even",
            "divisibleby",
            "callable");

    private Tests() {}

    static void check(String name) {
        if (!KNOWN.contains(name)) {
            throw new TemplateException("the test 'is " + name + "' is not supported");
        }
    }

    static boolean holds(String name, Object value, List<Object> arguments, Work work) {
        return switch (name) {
            case "defined" -> value != Absent.UNDEFINED;
            case "undefined" -> value == Absent.UNDEFINED;
            case "none" -> value == Absent.NONE;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "iterable" ->
                value instanceof String || value instanceof List || value instanceof Map || value == Absent.UNDEFINED;
            case "sequence" ->
                value instanceof String || value instanceof List || value instanceof Map || value == Absent.UNDEFINED;
            case "number" -> value instanceof Number || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            case "true" -> value.equals(true);
            case "false" -> value.equals(false);
            case "equalto", "eq" -> Values.areEqual(value, only(name, arguments), work);
            case "ne" -> !Values.areEqual(value, only(name, arguments), work);
            case "in" -> Values.contains(only(name, arguments), value, work);
            case "odd" -> Math.floorMod(Values.integer(value), 2L) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2L) == 0;
            case "divisibleby" -> Values.isMultiple(Values.integer(value), Values.integer(only(name, arguments)));
            default -> value instanceof Function; // callable
        };
    }

    private static Object only(String name, List<Object> arguments) {
        if (arguments.size() != 1) {
            throw new TemplateException("the test 'is " + name + "' takes one argument");
        }
        return arguments.get(0);
    }
}
