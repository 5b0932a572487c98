package dev.credence.core.automaton;

/** The text of all characters of Unicode in their order, without halves of pairs: first those of one {@code char}, then the pairs of the others. */
final class EveryCharacter {
    private static final int HALVES = Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1;
    private static final int SINGLES = Character.MIN_SUPPLEMENTARY_CODE_POINT - HALVES;

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

    /** The character that begins at a place, or -1 where a pair's second half stands. */
    static int at(int index) {
        if (index < SINGLES) {
            return index < Character.MIN_SURROGATE ? index : index + HALVES;
        }
        int behind = index - SINGLES;
        return behind % 2 == 0 ? Character.MIN_SUPPLEMENTARY_CODE_POINT + behind / 2 : -1;
    }
}
