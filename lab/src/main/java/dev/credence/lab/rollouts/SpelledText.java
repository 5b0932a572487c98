package dev.credence.lab.rollouts;

import java.nio.charset.StandardCharsets;

/**
 * Whether bytes spell a given text, byte after byte, where bytes that no character comes of are read as U+FFFD, one for each
 * longest beginning of a character, as tokenizers read them. How far a spelling is, is one number: 4 times the characters
 * that are there, plus the bytes of the next one; every byte makes it larger.
 */
final class SpelledText {
    /** What is no beginning of the text. */
    static final long DEAD = -1;

    private static final int CUT = 0xFFFD;
    private static final int PENDING = 24; // bits of the bytes of a character that is not complete

    private final int[] characters;
    private final byte[][] bytes; // of each character

    SpelledText(String text) {
        this.characters = text.codePoints().toArray();
        this.bytes = new byte[characters.length][];
        for (int i = 0; i < characters.length; i++) {
            bytes[i] = Character.toString(characters[i]).getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Where every spelling begins. */
    long start() {
        return 0;
    }

    /** How far a state is; all states with the same number have spelled the same part of the text. */
    static long progress(long state) {
        return state >>> PENDING;
    }

    /** The state behind some more bytes, or {@link #DEAD}. */
    long advance(long state, byte[] more) {
        long at = state;
        for (int i = 0; i < more.length && at != DEAD; i++) {
            at = advance(at, more[i] & 0xFF);
        }
        return at;
    }

    /** Whether the text may end there. */
    boolean isWhole(long state) {
        int done = (int) (progress(state) / 4);
        return pending(state) == 0
                ? done == characters.length
                : done == characters.length - 1 && characters[done] == CUT;
    }

    /** The only byte that can follow, or −1 where several can. */
    int onlyNext(long state) {
        int done = (int) (progress(state) / 4);
        int pending = pending(state);
        return done < characters.length && characters[done] != CUT ? bytes[done][pending] & 0xFF : -1;
    }

    private static int pending(long state) {
        return (int) (progress(state) % 4);
    }

    private long advance(long state, int next) {
        int done = (int) (progress(state) / 4);
        if (done == characters.length) {
            return DEAD;
        }
        int pending = pending(state);
        if (characters[done] != CUT) {
            if (next != (bytes[done][pending] & 0xFF)) {
                return DEAD;
            }
            return pending + 1 == bytes[done].length ? at(done + 1, 0, 0) : at(done, pending + 1, 0);
        }
        return cut(state, done, pending, next);
    }

    /** Where the text has U+FFFD: bytes that no character comes of, or that character itself. */
    private long cut(long state, int done, int pending, int next) {
        int before = (int) (state & ((1 << PENDING) - 1));
        if (pending == 0) {
            int length = length(next);
            return length == 1 ? DEAD : length == 0 ? at(done + 1, 0, 0) : at(done, 1, next);
        }
        int first = before >>> (8 * (pending - 1)) & 0xFF;
        if (!goesOn(first, pending, next)) {
            return advance(at(done + 1, 0, 0), next); // the beginning was cut, and this is the next character's
        }
        int whole = before << 8 | next;
        if (pending + 1 < length(first)) {
            return at(done, pending + 1, whole);
        }
        return whole == 0xEFBFBD ? at(done + 1, 0, 0) : DEAD; // a character that is whole is not a cut one
    }

    private static long at(int done, int pending, int bytes) {
        return (4L * done + pending) << PENDING | bytes;
    }

    /** How many bytes a character has that begins so; 0 where none does. */
    private static int length(int first) {
        if (first < 0x80) {
            return 1;
        }
        return first < 0xC2 || first > 0xF4 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    /** Whether a byte goes on with a character (Unicode, table 3-7). */
    private static boolean goesOn(int first, int index, int next) {
        int least = 0x80;
        int most = 0xBF;
        if (index == 1) {
            least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : least;
            most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : most;
        }
        return next >= least && next <= most;
    }
}
