package dev.credence.core.automaton;

import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Characters that a piece of a pattern matches. What they are is asked of {@code java.util.regex} itself: so a class, a property or
 * a case rule means here exactly what it means there, whatever the version.
 *
 * @param source the piece
 * @param flags of {@link Pattern}, in force where it stands
 * @param single the only character, or −1
 */
record CharacterSet(String source, int flags, int single) {
    private static final int ASCII = 128;
    private static final int LATIN = 256;
    private static final String PLAIN_ESCAPES = "dwsDWStnrf-[]^.\\";
    private static final int MOST_SEARCHED = 32;
    private static final int CASES = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

    /** Those that were searched for last: some 10 ms and at most 140 KB each. */
    private static final Map<CharacterSet, BitSet> SEARCHED =
            Collections.synchronizedMap(new LinkedHashMap<>(MOST_SEARCHED, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<CharacterSet, BitSet> eldest) {
                    return size() > MOST_SEARCHED;
                }
            });

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
     * The members among all code points, halves of pairs among them; not to be changed. Where a piece names only characters of Latin 1 and tells all others
     * apart by nothing, one of the others speaks for them. Else the runs of members are searched for in the text of all characters in
     * their order, some ten times as fast as asking of each apart; only halves, which would join into pairs there, are asked of one by one.
     */
    BitSet members() {
        BitSet members = new BitSet();
        if (single >= 0) {
            members.set(single);
            return members;
        }
        Pattern pattern = Pattern.compile(source, flags);
        if (flags == Pattern.CASE_INSENSITIVE && source.startsWith("\\Q")) {
            among(pattern, 0, ASCII, members);
        } else if (isPlain()) {
            among(pattern, 0, LATIN, members);
            if (pattern.matcher(Character.toString(LATIN)).matches()) {
                members.set(LATIN, Alphabet.CODE_POINTS);
            }
        } else {
            return SEARCHED.computeIfAbsent(this, CharacterSet::searched);
        }
        return members;
    }

    private BitSet searched() {
        BitSet members = new BitSet();
        Matcher runs = Pattern.compile(source + '+', flags).matcher(EveryCharacter.TEXT);
        while (runs.find()) {
            members.set(EveryCharacter.from(runs.start()), EveryCharacter.from(runs.end()));
        }
        among(Pattern.compile(source, flags), Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1, members);
        return members;
    }

    /** A class of characters of ASCII, written out, or one that means ASCII by definition. */
    private boolean isPlain() {
        if ((flags & (Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS)) != 0
                || !"[\\".contains(source.substring(0, 1))) {
            return false;
        }
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\' ? PLAIN_ESCAPES.indexOf(source.charAt(++i)) < 0 : c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    private static void among(Pattern pattern, int from, int to, BitSet members) {
        Matcher matcher = pattern.matcher("");
        for (int c = from; c < to; c++) {
            members.set(c, matcher.reset(Character.toString(c)).matches());
        }
    }
}
