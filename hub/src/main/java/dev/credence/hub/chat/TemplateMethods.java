package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Methods of texts and mappings, by their Python names. */
final class TemplateMethods {
    private static final String BLANKS = " \t\n\r\u000B\f\u001C\u001D\u001E\u001F\u0085\u00A0";

    private TemplateMethods() {}

    static Object call(Object owner, String name, List<Object> arguments, Map<String, Object> named, Work work) {
        work.size(owner);
        if (named.isEmpty() && owner instanceof String text) {
            return work.made(ofText(text, name, arguments, work));
        } else if (named.isEmpty() && owner instanceof Map<?, ?> map) {
            return work.made(ofMap(map, name, arguments));
        }
        throw unknown(owner, name);
    }

    private static TemplateException unknown(Object owner, String name) {
        return new TemplateException("the method '" + name + "' of " + Values.kind(owner) + " is not supported");
    }

    private static Object ofText(String text, String name, List<Object> arguments, Work work) {
        return switch (name) {
            case "strip" -> strip(text, name, arguments, true, true);
            case "lstrip" -> strip(text, name, arguments, true, false);
            case "rstrip" -> strip(text, name, arguments, false, true);
            case "startswith" -> text.startsWith(argument(text, name, arguments, 0, 1));
            case "endswith" -> text.endsWith(argument(text, name, arguments, 0, 1));
            case "upper" -> text.toUpperCase(java.util.Locale.ROOT);
            case "lower" -> text.toLowerCase(java.util.Locale.ROOT);
            case "replace" ->
                replaced(text, argument(text, name, arguments, 0, 2), argument(text, name, arguments, 1, 2), work);
            case "find" -> {
                int found = text.indexOf(argument(text, name, arguments, 0, 1));
                yield found < 0 ? -1L : (long) text.codePointCount(0, found);
            }
            case "split" -> split(text, name, arguments);
            default -> throw unknown(text, name);
        };
    }

    private static String replaced(String text, String part, String by, Work work) {
        long places = part.isEmpty() ? text.length() + 1L : 0;
        for (int at = text.indexOf(part); !part.isEmpty() && at >= 0; at = text.indexOf(part, at + part.length())) {
            places++;
        }
        work.characters(places * by.length());
        return text.replace(part, by);
    }

    private static String argument(String text, String name, List<Object> arguments, int index, int count) {
        if (arguments.size() == count && arguments.get(index) instanceof String argument) {
            return argument;
        }
        throw new TemplateException(
                "the method '" + name + "' of " + Values.kind(text) + " with such arguments is not" + " supported");
    }

    /** Without whitespace, or the given characters, at its ends. */
    static String strip(String text, String name, List<Object> arguments, boolean left, boolean right) {
        String characters = arguments.isEmpty() || arguments.equals(List.of(Absent.NONE))
                ? BLANKS
                : argument(text, name, arguments, 0, 1);
        int from = 0;
        int to = text.length();
        while (left && from < to && characters.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        while (right && to > from && characters.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(from, to);
    }

    private static List<Object> split(String text, String name, List<Object> arguments) {
        if (arguments.isEmpty()) {
            List<Object> parts = new ArrayList<>(List.of((Object[]) text.strip().split("\\s+")));
            parts.remove("");
            return parts;
        }
        int most = 0; // no limit
        if (arguments.size() == 2) {
            most = (int) Values.integer(arguments.get(1)) + 1;
        }
        String by = argument(text, name, arguments.subList(0, 1), 0, 1);
        if (by.isEmpty()) {
            throw new TemplateException("splitting at an empty text is not possible");
        }
        return new ArrayList<>(List.of((Object[]) text.split(Pattern.quote(by), most > 0 ? most : -1)));
    }

    private static Object ofMap(Map<?, ?> map, String name, List<Object> arguments) {
        return switch (name) {
            case "items" -> Filters.entries(map);
            case "keys" -> new ArrayList<Object>(map.keySet());
            case "values" -> new ArrayList<Object>(map.values());
            case "get" -> {
                if (arguments.isEmpty() || arguments.size() > 2) {
                    throw unknown(map, name);
                }
                Values.checkKey(arguments.get(0));
                Object found = map.get(arguments.get(0));
                yield found != null ? found : arguments.size() == 2 ? arguments.get(1) : Absent.NONE;
            }
            default -> throw unknown(map, name);
        };
    }
}
