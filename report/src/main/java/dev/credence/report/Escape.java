package dev.credence.report;

/** Makes text that somebody else wrote harmless inside HTML. */
final class Escape {
    private Escape() {}

    /** Appends text between tags. */
    static void text(String text, StringBuilder out) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                default -> out.append(isAllowed(text, at) ? c : '\uFFFD');
            }
        }
    }

    /** Appends the value of an attribute in double quotes; a parser reads back exactly what went in. */
    static void attribute(String text, StringBuilder out) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n' -> out.append("&#10;");
                case '\r' -> out.append("&#13;");
                case '\t' -> out.append("&#9;");
                default -> out.append(isAllowed(text, at) ? c : '\uFFFD');
            }
        }
    }

    /**
     * JSON that may stand inside a script element: a "less than" occurs only within strings, where its escape means
     * the same, and without it neither an end tag nor a comment can begin.
     */
    static String json(String json) {
        return json.replace("<", "\\u003c");
    }

    /** Whether the character may stand in HTML and in UTF-8: no control characters, no half of a surrogate pair. */
    private static boolean isAllowed(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
        }
        boolean space = c == '\n' || c == '\r' || c == '\t';
        return space || !(Character.isISOControl(c) || c == '\uFFFE' || c == '\uFFFF');
    }
}
