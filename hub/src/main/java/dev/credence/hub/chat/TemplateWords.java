package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.List;

/** The words of an expression, one after the other. */
final class TemplateWords {
    /** What a word is. */
    enum Kind {
        NAME,
        TEXT,
        NUMBER,
        SIGN,
        END
    }

    /** A word; of a text its value. */
    record Word(Kind kind, String text) {
        boolean is(String sign) {
            return (kind == Kind.SIGN || kind == Kind.NAME) && text.equals(sign);
        }
    }

    private static final List<String> SIGNS = List.of("==", "!=", "<=", ">=", "//", "**");

    private final List<Word> words = new ArrayList<>();
    private int at;

    TemplateWords(String body) {
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i);
            if (Character.isWhitespace(c)) {
                i++;
            } else if (c == '\'' || c == '"') {
                i = text(body, i);
            } else if (Character.isDigit(c)) {
                i = take(body, i, Kind.NUMBER, "[0-9_]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
            } else if (Character.isLetter(c) || c == '_') {
                i = take(body, i, Kind.NAME, "\\w+");
            } else {
                String two = body.substring(i, Math.min(i + 2, body.length()));
                String sign = SIGNS.contains(two) ? two : body.substring(i, i + 1);
                words.add(new Word(Kind.SIGN, sign));
                i += sign.length();
            }
        }
        words.add(new Word(Kind.END, "the end"));
    }

    private int take(String body, int from, Kind kind, String pattern) {
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile(pattern).matcher(body).region(from, body.length());
        if (!matcher.lookingAt()) {
            throw new TemplateException("'" + body.strip() + "' cannot be read");
        }
        words.add(new Word(kind, matcher.group()));
        return matcher.end();
    }

    private int text(String body, int from) {
        StringBuilder text = new StringBuilder();
        int i = from + 1;
        while (i < body.length() && body.charAt(i) != body.charAt(from)) {
            char c = body.charAt(i);
            if (c == '\\' && i + 1 < body.length()) {
                i++;
                text.append(escaped(body.charAt(i)));
            } else {
                text.append(c);
            }
            i++;
        }
        if (i >= body.length()) {
            throw new TemplateException("'" + body.strip() + "' has a text without its closing quote");
        }
        words.add(new Word(Kind.TEXT, text.toString()));
        return i + 1;
    }

    private static String escaped(char c) {
        return switch (c) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case '\\', '\'', '"' -> String.valueOf(c);
            case 'x', 'u', 'U', 'N', 'a', 'b', 'f', 'v', '0', '1', '2', '3', '4', '5', '6', '7' ->
                throw new TemplateException("the escape \\" + c + " in a text is not supported");
            default -> "\\" + c; // as the language has it
        };
    }

    Word peek() {
        return words.get(at);
    }

    Word peek(int ahead) {
        return words.get(Math.min(at + ahead, words.size() - 1));
    }

    Word next() {
        Word word = words.get(at);
        at = Math.min(at + 1, words.size() - 1);
        return word;
    }

    /** Takes a sign or name if it comes next. */
    boolean takes(String sign) {
        if (peek().is(sign)) {
            at++;
            return true;
        }
        return false;
    }

    void expect(String sign) {
        if (!takes(sign)) {
            throw new TemplateException("'" + peek().text() + "' stands where '" + sign + "' is expected");
        }
    }

    String name() {
        if (peek().kind() != Kind.NAME) {
            throw new TemplateException("'" + peek().text() + "' stands where a name is expected");
        }
        return next().text();
    }

    void end() {
        if (peek().kind() != Kind.END) {
            throw new TemplateException("'" + peek().text() + "' is not supported there");
        }
    }
}
