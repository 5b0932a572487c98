package dev.credence.data.rollouts;

import java.util.Arrays;

/**
 * The identity of a completion in 64 bits: of its token ids where the record has them, else of its text, however the text is
 * spelled in JSON. Equal texts have equal hashes in every file format.
 *
 * <p>Eight bytes a round of two multiplications (the short-input rounds of Collet's XXH64), then an avalanche: two of 10^6
 * different texts of a prompt agree with probability 3e-8.
 */
final class TextHash {
    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;

    /** Ids start elsewhere than texts, so that no ids look like a text. */
    private static final long IDS = 0x27D4EB2F165667C5L;

    private byte[] buffer = new byte[256];

    /** The hash of a record's completion. */
    long of(RolloutRecord record) {
        if (record.hasIds) {
            return ofIds(record.ids);
        }
        if (record.completion != null) {
            return of(record.completion);
        }
        int from = record.completionFrom;
        int to = record.completionTo;
        if (!record.completionEscaped) {
            return hash(record.bytes, from, to);
        }
        reserve(to - from);
        return hash(buffer, 0, JsonBytes.unescape(record.bytes, from, to, buffer));
    }

    /** Whether a record says what its completion was: texts that were left out of a log are empty. */
    static boolean tells(RolloutRecord record) {
        return record.hasIds
                || (record.completion == null
                        ? record.completionTo > record.completionFrom
                        : !record.completion.isEmpty());
    }

    private long of(String text) {
        reserve(3 * text.length());
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (Character.isHighSurrogate((char) c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                c = Character.toCodePoint((char) c, text.charAt(++i));
            }
            length = JsonBytes.encode(c, buffer, length);
        }
        return hash(buffer, 0, length);
    }

    private static long ofIds(IntList ids) {
        long hash = IDS + ids.size();
        for (int i = 0; i < ids.size(); i++) {
            hash = round(hash, ids.get(i));
        }
        return avalanche(hash);
    }

    private void reserve(int length) {
        if (buffer.length < length + JsonBytes.PADDING) {
            buffer = Arrays.copyOf(buffer, Integer.highestOneBit(length + JsonBytes.PADDING) * 2);
        }
    }

    /** Bytes behind the end may be read, and are shifted out. */
    private static long hash(byte[] b, int from, int to) {
        long hash = P3 + to - from;
        int p = from;
        for (; p + 8 <= to; p += 8) {
            hash = round(hash, JsonBytes.word(b, p));
        }
        if (p < to) {
            hash = round(hash, JsonBytes.word(b, p) << (8 * (8 - (to - p))));
        }
        return avalanche(hash);
    }

    private static long round(long hash, long word) {
        long mixed = Long.rotateLeft(word * P2, 31) * P1;
        return Long.rotateLeft(hash ^ mixed, 27) * P1 + P4;
    }

    private static long avalanche(long hash) {
        long x = (hash ^ hash >>> 33) * P2;
        x = (x ^ x >>> 29) * P3;
        return x ^ x >>> 32;
    }
}
