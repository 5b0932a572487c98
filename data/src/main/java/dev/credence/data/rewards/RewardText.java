package dev.credence.data.rewards;

/** How the pieces of a reward expression are written so that they are read back the same. */
final class RewardText {
    static final String PLUS = " + ";

    private RewardText() {}

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** The text as it is where it ends by itself, else between quotes. */
    static String quoted(String text) {
        boolean plain = !text.isEmpty()
                && text.charAt(0) != '"'
                && text.equals(text.strip())
                && end(text, 0, true) == text.length()
                && end(text, 0, false) == text.length();
        return plain ? text : '"' + text.replace("\"", "\\\"") + '"';
    }

    /**
     * Where an unquoted text ends: before {@code " + "}, or, inside {@code min(…)}, before a parenthesis that it did not
     * open. Parentheses that are escaped or in brackets do not count.
     */
    static int end(String text, int from, boolean insideMin) {
        int depth = 0;
        boolean inBrackets = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (text.startsWith(PLUS, i)) {
                return i;
            }
            if (c == '\\') {
                i++;
            } else if (inBrackets) {
                inBrackets = c != ']';
            } else if (c == '[') {
                inBrackets = true;
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && --depth < 0 && insideMin) {
                return i;
            }
        }
        return text.length();
    }
}
