package dev.credence.data.rewards;

/** How the pieces of a reward expression are written so that they are read back the same. */
final class RewardText {
    static final String PLUS = " + ";

    /** What ends a text inside {@code min(NUMBER,…)}. */
    static final String IN_CAP = ")";

    /** What ends a text in a list of rewards. */
    static final String IN_LIST = "),";

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
                && end(text, 0, RewardText.IN_LIST) == text.length()
                && end(text, 0, "") == text.length();
        return plain ? text : '"' + text.replace("\"", "\\\"") + '"';
    }

    /**
     * Where an unquoted text ends: before {@code " + "}, or, inside {@code min(…)}, before a parenthesis that it did not
     * open, and in a list also before a comma outside parentheses and braces. What is escaped or in brackets does not count.
     *
     * @param stops the characters that end it where it stands
     */
    static int end(String text, int from, String stops) {
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
            } else if (c == '(' || c == '{') {
                depth++;
            } else if (c == '}') {
                depth--;
            } else if (c == ')' && --depth < 0 && stops.indexOf(c) >= 0) {
                return i;
            } else if (c == ',' && depth <= 0 && stops.indexOf(c) >= 0) {
                return i;
            }
        }
        return text.length();
    }
}
