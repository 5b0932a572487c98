package dev.credence.data.rollouts;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** JSON at the level of bytes, eight at a time. Arrays have {@link #PADDING} readable bytes behind their last used one. */
final class JsonBytes {
    /** Bytes that may be read behind the end. */
    static final int PADDING = 16;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long NEWLINES = ONES * '\n';
    private static final long SPACES = ONES * ' ';

    private JsonBytes() {}

    /** Eight bytes, the first lowest. */
    static long word(byte[] b, int at) {
        return (long) WORD.get(b, at);
    }

    /** The lowest marked byte is the first zero byte of {@code x}. */
    private static long zeros(long x) {
        return (x - ONES) & ~x & HIGH;
    }

    /** The next newline at or behind {@code from}, or {@code to}. */
    static int newline(byte[] b, int from, int to) {
        for (int p = from; p < to; p += 8) {
            long found = zeros(word(b, p) ^ NEWLINES);
            if (found != 0) {
                return Math.min(to, p + (Long.numberOfTrailingZeros(found) >>> 3));
            }
        }
        return to;
    }

    /**
     * The first byte at or behind {@code from} that a JSON string does not hold as it is: a quote, a backslash, a control
     * character. Beyond the array's used part there are zeros, which are such bytes.
     */
    static int special(byte[] b, int from) {
        int p = from;
        while (true) {
            long x = word(b, p);
            long found = zeros(x ^ QUOTES) | zeros(x ^ BACKSLASHES) | ((x - SPACES) & ~x & HIGH);
            if (found != 0) {
                return p + (Long.numberOfTrailingZeros(found) >>> 3);
            }
            p += 8;
        }
    }

    /** The position behind the byte order marks at {@code from}, if there are any: files that were put together have them. */
    static int behindMarks(byte[] b, int from, int to) {
        int p = from;
        while (b[p] == (byte) 0xef && p + 3 <= to && b[p + 1] == (byte) 0xbb && b[p + 2] == (byte) 0xbf) {
            p += 3;
        }
        return p;
    }

    /** The length of the escape at a backslash, or 0 if JSON knows no such escape. */
    static int escape(byte[] b, int backslash) {
        return switch (b[backslash + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' ->
                hex(b[backslash + 2]) && hex(b[backslash + 3]) && hex(b[backslash + 4]) && hex(b[backslash + 5])
                        ? 6
                        : 0;
            default -> 0;
        };
    }

    private static boolean hex(byte c) {
        return Character.digit(c, 16) >= 0;
    }

    /** How many newlines there are, as {@code 2·count}, plus 1 if all bytes are ASCII: one pass over the bytes for both. */
    static int survey(byte[] b, int from, int to) {
        int count = 0;
        long all = 0;
        int p = from;
        for (; p + 32 <= to; p += 32) {
            long w0 = word(b, p);
            long w1 = word(b, p + 8);
            long w2 = word(b, p + 16);
            long w3 = word(b, p + 24);
            all |= w0 | w1 | (w2 | w3);
            long found = newlines(w0) | newlines(w1) >>> 1 | newlines(w2) >>> 2 | newlines(w3) >>> 3;
            count += Long.bitCount(found);
        }
        for (; p + 8 <= to; p += 8) {
            long word = word(b, p);
            all |= word;
            count += Long.bitCount(newlines(word));
        }
        for (; p < to; p++) {
            all |= b[p] < 0 ? HIGH : 0;
            count += b[p] == '\n' ? 1 : 0;
        }
        return 2 * count + ((all & HIGH) == 0 ? 1 : 0);
    }

    /** The high bit of every byte that is a newline; exact in every byte, unlike {@link #zeros}. */
    private static long newlines(long word) {
        long x = word ^ NEWLINES;
        return ~(((x & ~HIGH) + ~HIGH) | x) & HIGH;
    }

    /** The position of the first byte that is no UTF-8, or −1. */
    static int invalidUtf8(byte[] b, int from, int to) {
        int p = from;
        while (p < to) {
            if (p + 8 <= to && (word(b, p) & HIGH) == 0) {
                p += 8;
                continue;
            }
            int length = utf8Length(b, p, to);
            if (length == 0) {
                return p;
            }
            p += length;
        }
        return -1;
    }

    /** The length of the character at {@code p}, or 0 if it is malformed: cut, overlong, a surrogate, or too large. */
    private static int utf8Length(byte[] b, int p, int to) {
        int first = b[p] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (first < 0xc2 || first > 0xf4 || p + length > to) {
            return 0;
        }
        int second = b[p + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((b[p + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** The text of the inside of a valid JSON string. */
    static String decode(byte[] b, int from, int to, boolean escaped) {
        if (!escaped) {
            return new String(b, from, to - from, StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder(to - from);
        int start = from;
        for (int p = from; p < to; p++) {
            if (b[p] == '\\') {
                text.append(new String(b, start, p - start, StandardCharsets.UTF_8));
                text.append(unescaped(b, p));
                p += b[p + 1] == 'u' ? 5 : 1;
                start = p + 1;
            }
        }
        return text.append(new String(b, start, to - start, StandardCharsets.UTF_8))
                .toString();
    }

    /**
     * The inside of a valid JSON string as UTF-8; half a surrogate pair becomes the three bytes that its code would have.
     *
     * @param into as long as the string at least
     * @return how many bytes were written
     */
    static int unescape(byte[] b, int from, int to, byte[] into) {
        int length = 0;
        for (int p = from; p < to; p++) {
            if (b[p] != '\\') {
                into[length++] = b[p];
                continue;
            }
            int c = unescaped(b, p);
            p += b[p + 1] == 'u' ? 5 : 1;
            if (Character.isHighSurrogate((char) c) && p + 6 < to && b[p + 1] == '\\' && b[p + 2] == 'u') {
                char low = unescaped(b, p + 1);
                if (Character.isLowSurrogate(low)) {
                    c = Character.toCodePoint((char) c, low);
                    p += 6;
                }
            }
            length = encode(c, into, length);
        }
        return length;
    }

    /** Writes a code point as UTF-8, gives the position behind it. */
    static int encode(int c, byte[] into, int at) {
        int p = at;
        if (c < 0x80) {
            into[p++] = (byte) c;
            return p;
        }
        if (c < 0x800) {
            into[p++] = (byte) (0xc0 | c >> 6);
        } else {
            if (c < 0x10000) {
                into[p++] = (byte) (0xe0 | c >> 12);
            } else {
                into[p++] = (byte) (0xf0 | c >> 18);
                into[p++] = (byte) (0x80 | (c >> 12 & 0x3f));
            }
            into[p++] = (byte) (0x80 | (c >> 6 & 0x3f));
        }
        into[p++] = (byte) (0x80 | (c & 0x3f));
        return p;
    }

    private static char unescaped(byte[] b, int backslash) {
        return switch (b[backslash + 1]) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 2; i < 6; i++) {
                    code = code << 4 | Character.digit(b[backslash + i], 16);
                }
                yield (char) code;
            }
            default -> (char) b[backslash + 1];
        };
    }
}
