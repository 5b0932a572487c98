package dev.credence.data.rollouts;

import java.math.BigInteger;

/**
 * The double nearest to digits · 10^exponent, from one or two products of 64 bits (Eisel and Lemire, "Number Parsing at a
 * Gigabyte per Second", 2021). It decides nearly all cases and says so when it does not.
 *
 * <p>With 5^e = t · 2^k, t of 128 bits, the product of the digits and t's leading bits carries more than the 54 bits needed
 * unless it lies within its own error of a rounding border.
 */
final class DecimalRounding {
    /** Not decided. */
    static final double UNDECIDED = -1;

    private static final int LARGEST = 60;
    private static final long[] HIGH = new long[2 * LARGEST + 1];
    private static final long[] LOW = new long[2 * LARGEST + 1];

    static {
        for (int e = -LARGEST; e <= LARGEST; e++) {
            BigInteger bits = leadingBits(e);
            HIGH[e + LARGEST] = bits.shiftRight(64).longValue();
            LOW[e + LARGEST] = bits.longValue();
        }
    }

    private DecimalRounding() {}

    /** The first 128 bits of 5^e: cut for e ≥ 0, rounded up for e < 0, as the error bound wants. */
    private static BigInteger leadingBits(int e) {
        BigInteger power = BigInteger.valueOf(5).pow(Math.abs(e));
        if (e >= 0) {
            return power.shiftLeft(128).shiftRight(power.bitLength());
        }
        int shift = power.bitLength() + 127;
        return BigInteger.ONE.shiftLeft(shift).divide(power).add(BigInteger.ONE);
    }

    /**
     * The nearest double, ties to even.
     *
     * @param digits ≥ 0
     * @param exponent of ten
     * @return the double, or {@link #UNDECIDED}
     */
    static double nearest(long digits, int exponent) {
        if (digits == 0) {
            return 0;
        }
        if (exponent < -LARGEST || exponent > LARGEST) {
            return UNDECIDED;
        }
        int shift = Long.numberOfLeadingZeros(digits);
        long significand = digits << shift;
        long factor = HIGH[exponent + LARGEST];
        long high = unsignedHigh(significand, factor);
        long low = significand * factor;
        if ((high & 0x1ff) == 0x1ff) {
            long more = unsignedHigh(significand, LOW[exponent + LARGEST]);
            low += more;
            high += Long.compareUnsigned(low, more) < 0 ? 1 : 0;
        }
        int top = (int) (high >>> 63);
        if (low == -1 || (Long.compareUnsigned(low, 1) <= 0 && (high << (55 - top)) == 0)) {
            return UNDECIDED; // on the border, or so near that the error of the factor matters
        }
        long mantissa = high >>> (9 + top);
        mantissa = (mantissa + (mantissa & 1)) >>> 1;
        // 5^e ≈ HIGH · 2^(⌊e·log2 5⌋ − 63), and 10^e brings 2^e
        int binary = ((217706 * exponent) >> 16) + top - shift + 63;
        return Math.scalb((double) mantissa, binary - 52);
    }

    private static long unsignedHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
    }
}
