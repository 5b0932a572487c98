package dev.credence.core.figures;

/** Characters in texts of strangers (names, prompts) that are not seen themselves but change how what is around them is shown. */
public final class UnseenCharacters {
    private UnseenCharacters() {}

    /**
     * Whether a character is shown by its number in the place of itself: control characters, those that steer the direction of what
     * follows, and those that begin a line (U+2028) or a paragraph (U+2029).
     *
     * @param c a code point
     * @return whether it is one
     */
    public static boolean isOne(int c) {
        int type = Character.getType(c);
        return Character.isISOControl(c)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
