package dev.credence.core.automaton;

import java.util.List;

/** A regular expression as a tree. */
sealed interface Regex {
    /** One character of a set. */
    record One(CharacterSet set) implements Regex {}

    /** One after the other; none: the empty text. */
    record Sequence(List<Regex> parts) implements Regex {}

    /** One of several. */
    record Choice(List<Regex> options) implements Regex {}

    /**
     * Again and again.
     *
     * @param part what
     * @param least times
     * @param most times; −1 without limit
     */
    record Repeat(Regex part, int least, int most) implements Regex {}

    /** Something about the place between two characters. */
    record Place(At at) implements Regex {}

    /** The places that can be asked for. */
    enum At {
        /** Nothing is before. */
        BEGIN,
        /** Nothing is behind. */
        END,
        /** Nothing is behind but perhaps a line terminator. */
        LAST_LINE_END,
        /** At the beginning, or behind a line terminator, and something follows. */
        LINE_BEGIN,
        /** At the end or before a line terminator. */
        LINE_END,
        /** Between a word's character and another. */
        WORD_EDGE,
        /** Not there. */
        NO_WORD_EDGE
    }

    /** Whether the empty text may match. */
    default boolean mayBeEmpty() {
        if (this instanceof One) {
            return false;
        } else if (this instanceof Sequence sequence) {
            return sequence.parts.stream().allMatch(Regex::mayBeEmpty);
        } else if (this instanceof Choice choice) {
            return choice.options.stream().anyMatch(Regex::mayBeEmpty);
        } else if (this instanceof Repeat repeat) {
            return repeat.least == 0 || repeat.part.mayBeEmpty();
        }
        return true;
    }

    /** The number of characters of every match, or −1 where they differ. */
    default int length() {
        if (this instanceof One) {
            return 1;
        } else if (this instanceof Sequence sequence) {
            int sum = 0;
            for (Regex part : sequence.parts) {
                int length = part.length();
                if (length < 0) {
                    return -1;
                }
                sum += length;
            }
            return sum;
        } else if (this instanceof Choice choice) {
            int first = choice.options.get(0).length();
            return choice.options.stream().allMatch(option -> option.length() == first) ? first : -1;
        } else if (this instanceof Repeat repeat) {
            int length = repeat.part.length();
            return length == 0 ? 0 : length > 0 && repeat.least == repeat.most ? length * repeat.least : -1;
        }
        return 0;
    }
}
