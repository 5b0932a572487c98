package dev.credence.core.automaton;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * A number of a text as a deterministic machine on its characters: every step and the end add something to the number.
 * Where the machine cannot say how much exactly, it says at least and at most.
 */
public final class TextMachine {
    private final Alphabet alphabet;
    private final int start;
    private final int[][] next; // (states, classes)
    private final Gains least;
    private final Gains most;

    /**
     * What is added.
     *
     * @param step (states, classes) by reading a character
     * @param end (states) by the end of the text
     */
    record Gains(double[][] step, double[] end) {}

    TextMachine(Alphabet alphabet, int start, int[][] next, Gains least, Gains most) {
        this.alphabet = alphabet;
        this.start = start;
        this.next = next;
        this.least = least;
        this.most = most;
    }

    /**
     * 1 where a pattern is found, else 0; as {@code pattern.matcher(text).find()}.
     *
     * @param pattern a regular one
     * @return the machine
     * @throws NotRegularException if no automaton can follow the pattern, or only too large a one
     */
    public static TextMachine found(Pattern pattern) {
        RegexParser.Parsed parsed = RegexParser.parse(pattern);
        return new PatternMachine(parsed, PatternMachine.Task.FIND).build();
    }

    /**
     * How often a pattern is found, without overlap. Exact where all matches have the same length; else at most as often as
     * matches can lie beside each other, and at least 0.
     *
     * @param pattern a regular one that does not match the empty text
     * @return the machine
     * @throws NotRegularException if no automaton can follow the pattern, or only too large a one
     */
    public static TextMachine count(Pattern pattern) {
        RegexParser.Parsed parsed = RegexParser.parse(pattern);
        if (parsed.regex().mayBeEmpty()) {
            throw new NotRegularException("may match the empty text");
        }
        boolean even = parsed.regex().length() > 0;
        return new PatternMachine(parsed, even ? PatternMachine.Task.COUNT : PatternMachine.Task.COUNT_AT_MOST).build();
    }

    /**
     * 1 where a text is found, else 0; as {@code text.contains(part)}.
     *
     * @param part what is looked for
     * @return the machine
     * @throws NotRegularException if the part is too long, or has half of a surrogate pair
     */
    public static TextMachine contains(String part) {
        if (part.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new NotRegularException("has half of a surrogate pair");
        }
        Regex regex = new Regex.Sequence(part.codePoints()
                .<Regex>mapToObj(c -> new Regex.One(CharacterSet.literal(c, 0)))
                .toList());
        return new PatternMachine(new RegexParser.Parsed(regex, -1), PatternMachine.Task.FIND_LITERAL).build();
    }

    /**
     * The sum of the weights of a text's words: runs of {@code [a-z']} after {@link String#toLowerCase} in the root locale.
     *
     * @param weights of words in lower case; others have none
     * @return the machine
     */
    public static TextMachine words(Map<String, Double> weights) {
        return WordMachine.of(weights);
    }

    int start() {
        return start;
    }

    int classes() {
        return alphabet.size();
    }

    int classOf(int codePoint) {
        return alphabet.of(codePoint);
    }

    /** The class that all characters from one to before another are of, or -1 where they differ. */
    int common(int from, int to) {
        return alphabet.common(from, to);
    }

    int next(int state, int of) {
        return next[state][of];
    }

    Gains least() {
        return least;
    }

    Gains most() {
        return most;
    }
}
