package dev.credence.methods;

import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A setting of a method, as cards and the command line show it; made from the record's component by {@link Settings}.
 *
 * @param name without dashes, such as {@code beta}
 * @param standard the value when it is not given; empty where there is none, and the help says what happens then
 * @param words what it does, one line; other settings' names in braces
 * @param unit what it is counted in; empty for a pure number or a word
 * @param range the numbers it may be; empty where it is none
 * @param isRepeatable whether it may be given several times; the values are then one, with a line for each
 */
public record MethodOption(
        String name, String standard, String words, String unit, Optional<Range> range, boolean isRepeatable) {
    private static final Pattern NAME = Pattern.compile("\\{([a-z-]+)}");

    /** {@return what it does, one line} */
    public String help() {
        return help(name -> name);
    }

    /**
     * What it does, one line.
     *
     * @param naming how other settings are written: on the command line with two dashes in front
     * @return the line
     */
    public String help(UnaryOperator<String> naming) {
        return NAME.matcher(words).replaceAll((MatchResult found) -> naming.apply(found.group(1)));
    }

    /** {@return whether it is given without a value: its standard is {@code false}} */
    public boolean isFlag() {
        return standard.equals("false");
    }

    /**
     * The same with other words: a preset may mean less by a setting than the record does.
     *
     * @param other what it does, one line
     * @return a changed copy
     */
    public MethodOption saying(String other) {
        return new MethodOption(name, standard, other, unit, range, isRepeatable);
    }
}
