package dev.credence.core.automaton;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The text of all characters of Unicode in their order, without halves of pairs: first those of one {@code char}, then the pairs of the others. */
final class EveryCharacter {
    private static final int HALVES = Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1;
    private static final int SINGLES = Character.MIN_SUPPLEMENTARY_CODE_POINT - HALVES;

    private static final Map<Integer, BitSet> WORDS = new ConcurrentHashMap<>(); // by flags, of which there are two

    /** Some 4 MB, made when the first pattern asks and then kept. */
    static final String TEXT = text();

    private EveryCharacter() {}

    private static String text() {
        StringBuilder text =
                new StringBuilder(SINGLES + 2 * (Alphabet.CODE_POINTS - Character.MIN_SUPPLEMENTARY_CODE_POINT));
        for (int c = 0; c < Alphabet.CODE_POINTS; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                text.appendCodePoint(c);
            }
        }
        return text.toString();
    }

    /** The first character that begins at a place of the text or behind it: a pair's second half is no place where one begins. */
    static int from(int index) {
        if (index < SINGLES) {
            return index < Character.MIN_SURROGATE ? index : index + HALVES;
        }
        return Character.MIN_SUPPLEMENTARY_CODE_POINT + (index - SINGLES + 1) / 2;
    }

    /** Characters that may belong to words, by what edges of words are under some flags; not to be changed. */
    static BitSet words(int flags) {
        return WORDS.computeIfAbsent(flags, f -> {
            Matcher edge = Pattern.compile("\\b", f).matcher("");
            return those(c -> edge.reset(Character.toString(c)).lookingAt());
        });
    }

    /** Marks that are set over or under the character before them; not to be changed. */
    static BitSet marks() {
        return Marks.SET;
    }

    private static BitSet those(IntPredicate wanted) {
        BitSet set = new BitSet();
        IntStream.range(0, Alphabet.CODE_POINTS).filter(wanted).forEach(set::set);
        return set;
    }

    private static final class Marks {
        static final BitSet SET = those(c -> Character.getType(c) == Character.NON_SPACING_MARK);
    }
}
