package dev.credence.core.automaton;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads the structure of a compiled pattern of {@code java.util.regex}: sequence, choice, repetition, groups, places. The
 * pieces that stand for one character are only cut out here. What is not regular, or depends on the order in which a
 * backtracking matcher tries, is refused.
 */
final class RegexParser {
    private static final int READ = Pattern.CASE_INSENSITIVE
            | Pattern.DOTALL
            | Pattern.MULTILINE
            | Pattern.UNICODE_CASE
            | Pattern.UNICODE_CHARACTER_CLASS;

    private final String text;
    private final Set<Integer> wordFlags = new HashSet<>();
    private int flags;
    private int at;

    private RegexParser(String text, int flags) {
        this.text = text;
        this.flags = flags;
    }

    /**
     * What was read.
     *
     * @param regex the tree
     * @param wordFlags the flags under which words are told from the rest; −1 where edges of words are not asked for
     */
    record Parsed(Regex regex, int wordFlags) {}

    static Parsed parse(Pattern pattern) {
        if ((pattern.flags() & ~READ) != 0) {
            throw new NotRegularException("is compiled with flags other than (?ismuU)");
        }
        // Pattern.flags() has the flags given and, it may be, those set inside; the latter are read again where they
        // stand.
        int given = pattern.pattern().contains("(?") ? outer(pattern) : pattern.flags();
        RegexParser parser = new RegexParser(withoutQuotes(pattern.pattern()), given);
        Regex regex = parser.choice();
        if (parser.at < parser.text.length()) {
            throw new NotRegularException("has an unexpected " + parser.text.charAt(parser.at));
        }
        if (parser.wordFlags.size() > 1) {
            throw new NotRegularException("asks for edges of words of two kinds");
        }
        return new Parsed(regex, parser.wordFlags.stream().findFirst().orElse(-1));
    }

    /** The flags given from outside: those that a recompilation without any does not have. */
    private static int outer(Pattern pattern) {
        int inner = Pattern.compile(pattern.pattern()).flags();
        if ((pattern.flags() & ~inner) != 0) {
            throw new NotRegularException("has flags both inside and from outside");
        }
        return 0;
    }

    private Regex choice() {
        List<Regex> options = new ArrayList<>();
        options.add(sequence());
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            options.add(sequence());
        }
        return options.size() == 1 ? options.get(0) : new Regex.Choice(List.copyOf(options));
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            parts.add(quantified(atom()));
        }
        return new Regex.Sequence(List.copyOf(parts));
    }

    private Regex quantified(Regex part) {
        if (at == text.length()) {
            return part;
        }
        Regex repeated;
        switch (text.charAt(at)) {
            case '?' -> repeated = new Regex.Repeat(part, 0, 1);
            case '*' -> repeated = new Regex.Repeat(part, 0, -1);
            case '+' -> repeated = new Regex.Repeat(part, 1, -1);
            case '{' -> repeated = counted(part);
            default -> {
                return part;
            }
        }
        at++;
        if (at < text.length() && text.charAt(at) == '+') {
            throw new NotRegularException("has a possessive quantifier");
        }
        if (at < text.length() && text.charAt(at) == '?') {
            at++; // a lazy one finds where a greedy one does
        }
        return repeated;
    }

    /** {n}, {n,} or {n,m}; left at the closing brace. */
    private Regex counted(Regex part) {
        int close = text.indexOf('}', at);
        String[] ends = text.substring(at + 1, close).split(",", -1);
        at = close;
        try {
            int least = Integer.parseInt(ends[0].trim());
            boolean open = ends.length > 1 && ends[1].isBlank();
            int most = open ? -1 : Integer.parseInt(ends[ends.length - 1].trim());
            return new Regex.Repeat(part, least, most);
        } catch (NumberFormatException e) {
            throw new NotRegularException("has a repetition that is too large");
        }
    }

    private Regex atom() {
        char c = text.charAt(at);
        return switch (c) {
            case '(' -> group();
            case '[' -> bracket();
            case '\\' -> escape();
            case '^' -> place(1, has(Pattern.MULTILINE) ? Regex.At.LINE_BEGIN : Regex.At.BEGIN);
            case '$' -> place(1, has(Pattern.MULTILINE) ? Regex.At.LINE_END : Regex.At.LAST_LINE_END);
            case '.' -> piece(at + 1);
            case '{', '*', '+', '?' -> throw new NotRegularException("repeats a repetition");
            default -> character();
        };
    }

    private Regex character() {
        int character = text.codePointAt(at);
        at += Character.charCount(character);
        return literal(character);
    }

    private Regex literal(int character) {
        if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
            throw new NotRegularException("has half of a surrogate pair");
        }
        return new Regex.One(CharacterSet.literal(character, flags));
    }

    private Regex piece(int end) {
        String source = text.substring(at, end);
        at = end;
        return new Regex.One(CharacterSet.piece(source, flags));
    }

    private Regex group() {
        int outside = flags;
        at++;
        if (text.startsWith("?", at)) {
            if (!text.startsWith("?:", at) && openFlagsOrName()) {
                return new Regex.Sequence(List.of()); // flags from here on
            }
            at += text.startsWith("?:", at) ? 2 : 0;
        }
        Regex inside = choice();
        at++; // the closing parenthesis
        flags = outside;
        return inside;
    }

    /** Reads what stands between (? and the group's content; true where nothing follows but the closing parenthesis. */
    private boolean openFlagsOrName() {
        for (String look : new String[] {"?=", "?!", "?<=", "?<!"}) {
            if (text.startsWith(look, at)) {
                throw new NotRegularException("looks around");
            }
        }
        if (text.startsWith("?>", at)) {
            throw new NotRegularException("has an atomic group");
        }
        if (text.startsWith("?<", at)) {
            at = text.indexOf('>', at) + 1;
            return false;
        }
        boolean on = true;
        for (at++; text.charAt(at) != ')' && text.charAt(at) != ':'; at++) {
            if (text.charAt(at) == '-') {
                on = false;
            } else {
                int flag = flag(text.charAt(at));
                flags = on ? flags | flag : flags & ~flag;
            }
        }
        at++;
        return text.charAt(at - 1) == ')';
    }

    private static int flag(char letter) {
        return switch (letter) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 's' -> Pattern.DOTALL;
            case 'm' -> Pattern.MULTILINE;
            case 'u' -> Pattern.UNICODE_CASE;
            case 'U' -> Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE;
            default -> throw new NotRegularException("sets the flag " + letter);
        };
    }

    /** A class ends at the first bracket where it is one: what compiles as a class of its own. */
    private Regex bracket() {
        for (int end = text.indexOf(']', at) + 1; end > 0; end = text.indexOf(']', end) + 1) {
            if (compiles(text.substring(at, end))) {
                return piece(end); // else the bracket was escaped, nested or a member
            }
        }
        throw new NotRegularException("has a class without an end");
    }

    private boolean compiles(String source) {
        try {
            Pattern.compile(source, flags);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private Regex escape() {
        char c = text.charAt(at + 1);
        return switch (c) {
            case 'b', 'B' -> wordEdge(c == 'b' ? Regex.At.WORD_EDGE : Regex.At.NO_WORD_EDGE);
            case 'A' -> place(2, Regex.At.BEGIN);
            case 'z' -> place(2, Regex.At.END);
            case 'Z' -> place(2, Regex.At.LAST_LINE_END);
            case 'G', 'R', 'X' -> throw new NotRegularException("has \\" + c);
            case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                throw new NotRegularException("refers back to a group");
            case 'p', 'P', 'N' -> piece(braced(at + 3));
            case 'x' -> piece(braced(at + 4));
            case 'u' -> unicode();
            case '0' -> piece(octalEnd());
            case 'c' -> piece(at + 3);
            default -> {
                if (Character.isLetter(c)) {
                    yield piece(at + 2);
                }
                at++;
                yield character();
            }
        };
    }

    /** Where an escape ends that has its argument in braces or, without, at a given place. */
    private int braced(int otherwise) {
        return text.startsWith("{", at + 2) ? text.indexOf('}', at) + 1 : otherwise;
    }

    private Regex wordEdge(Regex.At edge) {
        if (text.startsWith("{", at + 2)) {
            throw new NotRegularException("asks for edges of graphemes");
        }
        wordFlags.add(flags & Pattern.UNICODE_CHARACTER_CLASS);
        return place(2, edge);
    }

    private Regex place(int length, Regex.At where) {
        at += length;
        return new Regex.Place(where);
    }

    private Regex unicode() {
        int unit = Integer.parseInt(text.substring(at + 2, at + 6), 16);
        if (Character.isSurrogate((char) unit)) {
            throw new NotRegularException("writes a surrogate pair with \\u");
        }
        return piece(at + 6);
    }

    private int octalEnd() {
        int end = at + 2;
        int most = text.charAt(end) <= '3' ? 3 : 2;
        while (end < text.length() && end < at + 2 + most && text.charAt(end) >= '0' && text.charAt(end) <= '7') {
            end++;
        }
        return end;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The same with every character between \Q and \E escaped on its own. */
    private static String withoutQuotes(String pattern) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' && pattern.startsWith("Q", i + 1)) {
                int end = pattern.indexOf("\\E", i);
                String quoted = pattern.substring(i + 2, end < 0 ? pattern.length() : end);
                for (int k = 0; k < quoted.length(); k++) {
                    char inside = quoted.charAt(k);
                    plain.append(inside < 128 && !Character.isLetterOrDigit(inside) ? "\\" : "")
                            .append(inside);
                }
                i = end < 0 ? pattern.length() : end + 1;
            } else if (c == '\\') {
                plain.append(c).append(pattern.charAt(++i));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
