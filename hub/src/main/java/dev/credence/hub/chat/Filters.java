package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Filters: {@code value | filter}. */
final class Filters {
    private static final Set<String> KNOWN = Set.of(
            "trim",
            "upper",
            "lower",
            "capitalize",
            "length",
            "count",
            "join",
            "default",
            "d",
            "first",
            "last",
            "replace",
            "string",
            "list",
            "items",
            "tojson",
            "selectattr",
            "rejectattr",
            "map",
            "reverse",
            "safe",
            "int");

    private Filters() {}

    static void check(String name) {
        if (!KNOWN.contains(name)) {
            throw new TemplateException("the filter '" + name + "' is not supported");
        }
    }

    static Object apply(String name, Object value, List<Object> arguments, Map<String, Object> named, Work work) {
        work.size(value);
        return work.made(applied(name, value, arguments, named, work));
    }

    private static Object applied(
            String name, Object value, List<Object> arguments, Map<String, Object> named, Work work) {
        if (!named.isEmpty() && !(name.equals("map") && named.keySet().equals(Set.of("attribute")))) {
            throw new TemplateException(
                    "the filter '" + name + "' with " + String.join(", ", named.keySet()) + " is not supported");
        }
        return switch (name) {
            case "trim" -> TemplateMethods.strip(Values.printed(value), name, arguments, true, true);
            case "upper" -> Values.printed(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.printed(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalized(Values.printed(value));
            case "length", "count" -> (long) Values.items(value).size();
            case "join" ->
                joined(Values.items(value), arguments.isEmpty() ? "" : Values.printed(arguments.get(0)), work);
            case "default", "d" -> otherwise(value, arguments);
            case "first" -> Values.item(Values.items(value), 0L);
            case "last" -> Values.item(Values.items(value), -1L);
            case "replace" -> TemplateMethods.call(Values.printed(value), name, arguments, Map.of(), work);
            case "string" -> Values.printed(value);
            case "list" -> Values.items(value);
            case "items" -> value instanceof Map<?, ?> map ? entries(map) : refused(name, value);
            case "tojson" -> arguments.isEmpty() ? TemplateJson.of(value, work) : refused(name, value);
            case "selectattr" -> selected(name, value, arguments, true, work);
            case "rejectattr" -> selected(name, value, arguments, false, work);
            case "map" -> mapped(value, arguments, named, work);
            case "reverse" -> reversed(value);
            case "int" -> value instanceof Long ? value : refused(name, value);
            default -> value; // safe: nothing is escaped
        };
    }

    private static String joined(List<Object> items, String between, Work work) {
        List<String> texts = items.stream().map(Values::printed).toList();
        texts.forEach(text -> work.characters((long) text.length() + between.length()));
        return String.join(between, texts);
    }

    private static Object refused(String name, Object value) {
        throw new TemplateException("the filter '" + name + "' of " + Values.kind(value) + " is not supported");
    }

    private static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    private static Object otherwise(Object value, List<Object> arguments) {
        boolean falseToo = arguments.size() > 1 && Values.isTrue(arguments.get(1));
        boolean replaced = falseToo ? !Values.isTrue(value) : value == Absent.UNDEFINED;
        return replaced ? (arguments.isEmpty() ? "" : arguments.get(0)) : value;
    }

    /** The pairs of a mapping. */
    static List<Object> entries(Map<?, ?> map) {
        List<Object> pairs = new ArrayList<>();
        map.forEach((key, value) -> pairs.add(List.of(key, value)));
        return pairs;
    }

    private static Object selected(String filter, Object value, List<Object> arguments, boolean wanted, Work work) {
        if (arguments.isEmpty()) {
            return refused(filter, value);
        }
        String field = Values.printed(arguments.get(0));
        String test = arguments.size() > 1 ? sign(Values.printed(arguments.get(1))) : "";
        if (!test.isEmpty()) {
            Tests.check(test);
        }
        List<Object> others = arguments.size() > 2 ? arguments.subList(2, arguments.size()) : List.of();
        return Values.items(value).stream()
                .filter(item -> {
                    Object own = Values.field(item, field);
                    return (test.isEmpty() ? Values.isTrue(own) : Tests.holds(test, own, others, work)) == wanted;
                })
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static String sign(String test) {
        return test.equals("==") ? "eq" : test.equals("!=") ? "ne" : test;
    }

    private static Object mapped(Object value, List<Object> arguments, Map<String, Object> named, Work work) {
        if (arguments.isEmpty() && named.isEmpty()) {
            return refused("map", value);
        }
        List<Object> results = new ArrayList<>();
        for (Object item : Values.items(value)) {
            if (named.containsKey("attribute")) {
                results.add(Values.field(item, Values.printed(named.getOrDefault("attribute", ""))));
            } else {
                String filter = Values.printed(arguments.get(0));
                check(filter);
                results.add(apply(filter, item, arguments.subList(1, arguments.size()), Map.of(), work));
            }
        }
        return results;
    }

    private static Object reversed(Object value) {
        if (value instanceof String text) {
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> items = Values.items(value);
        Collections.reverse(items);
        return items;
    }

    /** A value as JSON, spaced as Python does and nothing but what must be escaped. */
    static final class TemplateJson {
        private TemplateJson() {}

        static String of(Object value, Work work) {
            String json = written(value, work);
            work.steps(1);
            work.characters(json.length());
            return json;
        }

        private static String written(Object value, Work work) {
            if (value instanceof String text) {
                return quoted(text);
            } else if (value instanceof Boolean || value instanceof Long) {
                return value.toString();
            } else if (value instanceof List<?> list) {
                return list.stream().map(item -> of(item, work)).collect(Collectors.joining(", ", "[", "]"));
            } else if (value instanceof Map<?, ?> map) {
                return map.entrySet().stream()
                        .map(entry -> quoted(String.valueOf(entry.getKey())) + ": " + of(entry.getValue(), work))
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
}
