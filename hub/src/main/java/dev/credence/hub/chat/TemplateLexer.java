package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into text, tags and outputs. Whitespace is treated as by the settings that chat templates are rendered with
 * ({@code trim_blocks}, {@code lstrip_blocks}): a tag or comment takes the newline behind it and the spaces before it on its
 * line; a minus sign takes all whitespace on its side, a plus sign none. A last newline is dropped.
 */
final class TemplateLexer {
    /** What a piece is. */
    enum Kind {
        TEXT,
        OUTPUT,
        TAG
    }

    /** A piece: text as it is, or what is between the brackets. */
    record Piece(Kind kind, String body, int line) {}

    private final String source;
    private final List<Piece> pieces = new ArrayList<>();
    private int at;
    private int counted; // characters whose lines are counted
    private int line = 1; // of the character behind them
    private boolean lineStarts = true;
    private boolean strips; // whether the last closing bracket had a minus sign
    private boolean trims; // whether it takes a newline

    TemplateLexer(String source) {
        String unified = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unified.endsWith("\n") ? unified.substring(0, unified.length() - 1) : unified;
    }

    List<Piece> pieces() {
        while (at < source.length()) {
            int open = nextOpen();
            text(open);
            if (open < source.length()) {
                bracket(open);
            } else {
                at = open;
            }
        }
        return pieces;
    }

    private int nextOpen() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    /** The text up to a bracket, without the whitespace that brackets take. */
    private void text(int open) {
        String text = source.substring(at, open);
        if (strips) {
            text = text.stripLeading();
            lineStarts = false;
        } else if (trims && text.startsWith("\n")) {
            text = text.substring(1);
            lineStarts = true;
        }
        if (open < source.length()) {
            char kind = source.charAt(open + 1);
            char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
            if (sign == '-') {
                text = text.stripTrailing();
            } else if (kind != '{' && sign != '+') {
                int line = text.lastIndexOf('\n') + 1;
                if ((line > 0 || lineStarts) && text.substring(line).isBlank()) {
                    text = text.substring(0, line);
                }
            }
        }
        if (!text.isEmpty()) {
            pieces.add(new Piece(Kind.TEXT, text, line(at)));
        }
    }

    private void bracket(int open) {
        char kind = source.charAt(open + 1);
        String close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
        int end = kind == '#' ? source.indexOf(close, open + 2) : end(open + 2, close);
        if (end < 0) {
            throw new TemplateException("line " + line(open) + ": '{" + kind + "' without its '" + close + "'");
        }
        String body = source.substring(open + 2, end);
        char sign = body.isEmpty() ? ' ' : body.charAt(body.length() - 1);
        strips = sign == '-';
        trims = kind != '{' && sign != '+';
        lineStarts = false;
        if (kind != '#') {
            pieces.add(new Piece(kind == '{' ? Kind.OUTPUT : Kind.TAG, unsigned(body), line(open)));
        }
        at = end + 2;
    }

    private static String unsigned(String body) {
        String left = body.startsWith("-") || body.startsWith("+") ? body.substring(1) : body;
        return left.endsWith("-") || left.endsWith("+") ? left.substring(0, left.length() - 1) : left;
    }

    /** Where a bracket closes: outside strings, and outside braces of its own. */
    private int end(int from, String close) {
        int depth = 0;
        for (int i = from; i + 1 < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\'' || c == '"') {
                i = endOfString(i);
            } else if (depth == 0 && source.startsWith(close, i)) {
                return i;
            } else if (c == '{') {
                depth++;
            } else if (c == '}') {
                depth--;
            }
        }
        return -1;
    }

    private int endOfString(int from) {
        int i = from + 1;
        while (i < source.length() && source.charAt(i) != source.charAt(from)) {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return i;
    }

    /** Lines are counted on from the last position that was asked for: none lies before it. */
    private int line(int position) {
        for (; counted < position; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }
}
