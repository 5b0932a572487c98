package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.io.NumberInput;

/**
 * Reads a JSON number from bytes, correctly rounded: exactly, where significand and power of ten are both exact doubles
 * (then one correctly rounded operation gives the nearest double), else by {@link DecimalRounding}, and where that cannot
 * decide, with Jackson's parser.
 */
final class NumberScanner {
    private static final int LONGEST = 40;
    private static final int MOST_DIGITS = 18;
    private static final long EXACT = 1L << 53;
    private static final long ZEROS = 0x3030303030303030L;
    private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;
    private static final long HIGH_BITS = ~LOW_BITS;
    private static final long ABOVE_NINE = 0x7676767676767676L; // 0x80 − 10 in every byte
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    private static final long[] INTEGER_POWERS = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000
    };

    private final char[] copy = new char[LONGEST];
    private long digits;
    private int exponentValue;

    /** The position behind the last number, or −1 if there was none that this scanner reads. */
    int end;

    /** The last number as an integer. */
    long integer;

    /** Reads a number; {@link #end} tells whether there was one of a usual form. Never infinite or NaN. */
    double number(byte[] b, int from) {
        boolean negative = b[from] == '-';
        int first = negative ? from + 1 : from;
        digits = 0;
        int p = digits(b, first);
        int count = p - first;
        if (count == 0 || (count > 1 && b[first] == '0')) {
            return unusual();
        }
        int exponent = 0;
        if (b[p] == '.') {
            int point = p + 1;
            p = digits(b, point);
            exponent = point - p;
            if (exponent == 0) {
                return unusual();
            }
            count -= exponent;
        }
        if ((b[p] | 0x20) == 'e') {
            p = exponentEnd(b, p);
            if (p < 0) {
                return unusual();
            }
            exponent += exponentValue;
        }
        end = p;
        if (count > MOST_DIGITS) {
            return slow(b, from);
        }
        double magnitude = magnitude(exponent);
        return magnitude >= 0 ? negative ? -magnitude : magnitude : slow(b, from);
    }

    private double magnitude(int exponent) {
        if (digits <= EXACT && exponent >= -22 && exponent <= 22) {
            return exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
        }
        return DecimalRounding.nearest(digits, exponent);
    }

    /** Adds the digits from here on to {@link #digits}, up to eight at a time; gives the position behind them. */
    private int digits(byte[] b, int from) {
        int p = from;
        long sum = digits;
        while (true) {
            long values = JsonBytes.word(b, p) ^ ZEROS;
            long others = ((values & LOW_BITS) + ABOVE_NINE | values) & HIGH_BITS;
            if (others == 0) {
                sum = sum * 100_000_000 + eight(values);
                p += 8;
            } else {
                int count = Long.numberOfTrailingZeros(others) >>> 3;
                if (count > 0) {
                    sum = sum * INTEGER_POWERS[count] + eight(values << (64 - 8 * count));
                }
                digits = sum;
                return p + count;
            }
        }
    }

    /** The number of eight digits, the first in the lowest byte: joined by pairs, fours, eights. */
    private static long eight(long values) {
        long pairs = values * 10 + (values >>> 8);
        long low = (pairs & 0x000000ff000000ffL) * (100 + (1_000_000L << 32));
        long high = (pairs >>> 16 & 0x000000ff000000ffL) * (1 + (10_000L << 32));
        return (low + high) >>> 32;
    }

    private int exponentEnd(byte[] b, int e) {
        int p = e + 1;
        boolean negative = b[p] == '-';
        if (negative || b[p] == '+') {
            p++;
        }
        int first = p;
        int value = 0;
        while (isDigit(b[p]) && p - first < 4) {
            value = value * 10 + (b[p++] - '0');
        }
        exponentValue = negative ? -value : value;
        return p == first || isDigit(b[p]) ? -1 : p;
    }

    private double slow(byte[] b, int from) {
        int length = end - from;
        if (length > LONGEST) {
            return unusual();
        }
        for (int i = 0; i < length; i++) {
            copy[i] = (char) b[from + i];
        }
        double value = NumberInput.parseDouble(copy, 0, length, true);
        return Math.abs(value) <= Double.MAX_VALUE ? value : unusual();
    }

    /** Reads an integer of at most 18 digits into {@link #integer}; {@link #end} tells whether there was one. */
    void integer(byte[] b, int from) {
        int first = b[from] == '-' ? from + 1 : from;
        digits = 0;
        int p = digits(b, first);
        boolean usual = p > first
                && p - first <= MOST_DIGITS
                && !(b[first] == '0' && p - first > 1)
                && b[p] != '.'
                && (b[p] | 0x20) != 'e';
        end = usual ? p : -1;
        integer = first > from ? -digits : digits;
    }

    private double unusual() {
        end = -1;
        return Double.NaN;
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }
}
