package dev.credence.core.automaton;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Characters that a piece of a pattern matches. What they are is asked of {@code java.util.regex} itself, one by one: so a
 * class, a property or a case rule means here exactly what it means there, whatever the version.
 *
 * @param source the piece
 * @param flags of {@link Pattern}, in force where it stands
 * @param single the only character, or −1
 */
record CharacterSet(String source, int flags, int single) {
    private static final int CASES = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

    static CharacterSet literal(int character, int flags) {
        boolean cased = (flags & Pattern.CASE_INSENSITIVE) != 0;
        String source = Pattern.quote(Character.toString(character));
        if (!cased) {
            return new CharacterSet(source, 0, character);
        }
        // Without UNICODE_CASE only letters of ASCII have two cases.
        boolean letter = character < 128 && Character.isLetter(character);
        boolean one = (flags & Pattern.UNICODE_CASE) == 0 && !letter;
        return new CharacterSet(source, one ? 0 : flags & CASES, one ? character : -1);
    }

    static CharacterSet piece(String source, int flags) {
        return new CharacterSet(source, flags & ~Pattern.MULTILINE, -1);
    }

    /**
     * The members among all code points, halves of pairs among them. One search over the text of all characters in their order finds
     * them some five times as fast as asking of each apart; only halves, which would join into pairs there, are asked of one by one.
     */
    BitSet members() {
        BitSet members = new BitSet(Alphabet.CODE_POINTS);
        if (single >= 0) {
            members.set(single);
            return members;
        }
        Pattern pattern = Pattern.compile(source, flags);
        if (flags == Pattern.CASE_INSENSITIVE && source.startsWith("\\Q")) {
            among(pattern, 0, 128, members);
            return members;
        }
        among(pattern, Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1, members);
        Matcher matcher = pattern.matcher(EveryCharacter.TEXT);
        while (matcher.find()) {
            int character = EveryCharacter.at(matcher.start());
            if (character >= 0) { // otherwise the second half of a pair that is no member
                members.set(character);
            }
        }
        return members;
    }

    private static void among(Pattern pattern, int from, int to, BitSet members) {
        Matcher matcher = pattern.matcher("");
        for (int c = from; c < to; c++) {
            if (matcher.reset(Character.toString(c)).matches()) {
                members.set(c);
            }
        }
    }
}
