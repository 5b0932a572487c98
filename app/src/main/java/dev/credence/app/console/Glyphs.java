package dev.credence.app.console;

import dev.credence.core.figures.UnseenCharacters;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes text printable: a log's control characters must not steer a terminal, and not each shows more than ASCII. */
public final class Glyphs {
    private static final Pattern POWER_OF_TEN = Pattern.compile("×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)");
    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private static final Map<Integer, String> SPELLED = Map.ofEntries(
            Map.entry((int) '−', "-"),
            Map.entry((int) '–', "-"),
            Map.entry((int) '—', "-"),
            Map.entry((int) '∞', "inf"),
            Map.entry((int) '…', "..."),
            Map.entry((int) '·', "|"),
            Map.entry((int) '‖', "||"),
            Map.entry((int) '→', "->"),
            Map.entry((int) '≤', "<="),
            Map.entry((int) '≥', ">="),
            Map.entry((int) '≈', "~"),
            Map.entry((int) '×', "x"),
            Map.entry((int) '±', "+-"),
            Map.entry((int) '√', "sqrt"),
            Map.entry((int) '½', "1/2"),
            Map.entry((int) 'π', "pi"),
            Map.entry((int) 'λ', "lambda"),
            Map.entry((int) 'β', "beta"),
            Map.entry((int) 'σ', "sigma"),
            Map.entry((int) 'ℓ', "l"),
            Map.entry((int) '₀', "0"),
            Map.entry((int) '²', "^2"),
            Map.entry((int) 'χ', "chi"),
            Map.entry((int) '’', "'"),
            Map.entry((int) '“', "\""),
            Map.entry((int) '”', "\""));

    /** k with a hat: a combining mark, which terminals place unreliably. */
    private static final String K_HAT = "k̂";

    private Glyphs() {}

    static String of(String text, Console.Face face) {
        return inert(printable(text, face));
    }

    /**
     * GitHub Actions takes every line that begins with two colons for a command, wherever it was printed: a prompt or a
     * reward's name that does is marked by a backslash.
     */
    static String inert(String text) {
        int start = 0;
        while (start < text.length() && (Character.isSpaceChar(text.charAt(start)) || text.charAt(start) <= ' ')) {
            start++;
        }
        return text.startsWith("::", start) ? text.substring(0, start) + "\\" + text.substring(start) : text;
    }

    private static String printable(String text, Console.Face face) {
        if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return text;
        }
        String visible = visible(text.replace(K_HAT, "k-hat"));
        return face.unicode() ? visible : ascii(visible);
    }

    /**
     * Control characters, those that turn a line around and those that begin another (U+2028, U+2029) as escapes; unpaired surrogates, which no encoding can
     * write, as the replacement character.
     *
     * @param text any
     * @return what steers neither a terminal nor a page of a log
     */
    public static String visible(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                shown.append("\\n");
            } else if (c == '\t') {
                shown.append("\\t");
            } else if (c == '\r') {
                shown.append("\\r");
            } else if (UnseenCharacters.isOne(c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(Character.getType(c) == Character.SURROGATE ? '\ufffd' : c);
            }
        });
        return shown.toString();
    }

    private static String ascii(String text) {
        String powers =
                POWER_OF_TEN.matcher(text).replaceAll(match -> Matcher.quoteReplacement("e" + plain(match.group(1))));
        StringBuilder spelled = new StringBuilder(powers.length());
        powers.codePoints().forEach(c -> {
            if (c < 0x7f) {
                spelled.appendCodePoint(c);
            } else {
                spelled.append(SPELLED.getOrDefault(c, "?"));
            }
        });
        return spelled.toString();
    }

    private static String plain(String superscript) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < superscript.length(); i++) {
            char c = superscript.charAt(i);
            digits.append(c == '⁻' ? "-" : String.valueOf(SUPERSCRIPTS.indexOf(c)));
        }
        return digits.toString();
    }

    /** How many columns of a terminal a text takes. */
    static int width(String text) {
        return text.codePoints().map(Glyphs::columns).sum();
    }

    /** The beginning of a text that takes at most so many columns, with an ellipsis where something is left out. */
    static String clip(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        return head(text, columns - 1) + '…';
    }

    /** The beginning of a text that takes at most so many columns; at least one character. */
    static String head(String text, int columns) {
        int used = 0;
        int end = 0;
        while (end < text.length()) {
            int c = text.codePointAt(end);
            used += columns(c);
            if (used > columns && end > 0) {
                break;
            }
            end += Character.charCount(c);
        }
        return text.substring(0, end);
    }

    private static int columns(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return Character.isIdeographic(c)
                        || (c >= 0x1100 && c <= 0x115f)
                        || (c >= 0x3040 && c <= 0x30ff)
                        || (c >= 0xac00 && c <= 0xd7a3)
                        || (c >= 0xff01 && c <= 0xff60)
                        || (c >= 0x1f300 && c <= 0x1faff)
                ? 2
                : 1;
    }
}
