package dev.credence.report;

/** Makes text that somebody else wrote harmless inside HTML. */
final class Escape {
    private Escape() {}

    /**
     * Appends text between tags. What turns the direction of a line, or is not seen, is written by its number, so that a name can
     * neither rearrange the sentence that it stands in nor pass for another.
     */
    static void text(String text, StringBuilder out) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                default -> out.append(isUnseen(c) ? sign(c) : isAllowed(text, at) ? String.valueOf(c) : "\uFFFD");
            }
        }
    }

    /** A character that cannot be seen, by its number. */
    static String sign(int c) {
        return "⟨U+" + String.format("%04X", c) + "⟩";
    }

    /** Whether it sets the direction of what follows, or is not seen at all; what joins two (emoji) is seen. */
    private static boolean isUnseen(char c) {
        return Character.getType(c) == Character.FORMAT && c != '\u200D';
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

    /** The same where its strings are drawn: what turns the direction of a label, or is not seen, is in it by its number. */
    static String drawn(String json) {
        StringBuilder out = new StringBuilder(json.length());
        json.chars().forEach(c -> out.append(isUnseen((char) c) ? sign(c) : String.valueOf((char) c)));
        return json(out.toString());
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
